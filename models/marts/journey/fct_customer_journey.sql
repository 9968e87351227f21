-- Grain: one row per listed customer: how far they came lately, what keeps them from ordering, and where they buy.
-- Wishes are those of known people; null for the others, and for all where no wishlist was ever told of.
with checkouts as (

    select * from {{ ref('int_flags_checkouts') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

purchases as (

    select * from {{ ref('int_flags_purchases') }}

),

wishlists as (

    select * from {{ ref('int_wishlists_summed') }}

),

channels as (

    select
        customer_id,
        {{ distinct_list('lower(sales_channel)') }} as sales_channels,
        cast(count(distinct lower(sales_channel)) as bigint) as sales_channels_count
    from orders
    where
        is_counted
        and sales_channel is not null
        and {{ is_within_days('order_date', var('omnichannel_days')) }}
    group by customer_id

),

final as (

    select
        checkouts.customer_id,
        checkouts.funnel_step,
        checkouts.journey_step,
        case
            when checkouts.is_ready_to_convert then 'ready'
            when checkouts.is_needs_incentive then 'needs_incentive'
        end as purchase_readiness,
        channels.sales_channels,
        case
            when wishlists.wishlist_products_count > 0
                then
                    case
                        when purchases.is_discount_lover then 'waiting_for_discount'
                        when
                            wishlists.compared_products_count >= {{ var('wishlist_comparing_products_count') }}
                            then 'comparing'
                        when wishlists.days_since_last_wish < {{ var('wishlist_not_ready_days') }} then 'not_ready'
                        else 'keeping_track'
                    end
        end as wishlist_motive,
        channels.sales_channels_count,
        checkouts.idle_sessions_count,
        checkouts.pending_cart_sessions_count,
        checkouts.pending_checkouts_count,
        checkouts.latest_checkouts_count,
        checkouts.latest_payment_errors_count,
        wishlists.wishlist_products_count,
        wishlists.compared_products_count,
        wishlists.days_since_last_wish,
        checkouts.is_struggling_to_check_out,
        checkouts.is_ready_to_convert,
        checkouts.is_needs_incentive,
        channels.sales_channels_count >= {{ var('omnichannel_channels_count') }} as is_omnichannel,
        wishlists.wishlist_products_count > 0 as is_wishlist_holder,
        {{ value_where(
            'purchases.is_discount_lover and wishlists.wishlist_products_count > 0',
            'purchases.is_discount_lover is not null and wishlists.wishlist_products_count is not null'
        ) }} as is_sale_waiter
    from checkouts
    left join channels
        on checkouts.customer_id = channels.customer_id
    left join purchases
        on checkouts.customer_id = purchases.customer_id
    left join wishlists
        on checkouts.customer_id = wishlists.customer_id

)

select * from final
