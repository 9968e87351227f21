-- Grain: one row per listed customer: how far they came lately, what keeps them from ordering, and where they buy.
with checkouts as (

    select * from {{ ref('int_flags_checkouts') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

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
        channels.sales_channels,
        channels.sales_channels_count,
        checkouts.idle_sessions_count,
        checkouts.pending_cart_sessions_count,
        checkouts.pending_checkouts_count,
        checkouts.latest_checkouts_count,
        checkouts.latest_payment_errors_count,
        checkouts.is_struggling_to_check_out,
        checkouts.is_ready_to_convert,
        checkouts.is_needs_incentive,
        channels.sales_channels_count >= {{ var('omnichannel_channels_count') }} as is_omnichannel
    from checkouts
    left join channels
        on checkouts.customer_id = channels.customer_id

)

select * from final
