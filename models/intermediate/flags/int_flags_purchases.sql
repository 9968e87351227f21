-- Grain: one row per person who ever bought.
-- Shares decide exactly, in integers; the rounded basis points beside them are for people.
with orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

rhythms as (

    select * from {{ ref('int_customer_rhythms_measured') }}

),

discounts as (

    select * from {{ ref('int_customer_discounts_summed') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

operands as (

    select
        orders.customer_id,
        orders.orders_count,
        orders.orders_in_loyal_window_count,
        orders.net_revenue_amount,
        {{ days_since('orders.last_order_date') }} as days_since_last_order,
        greatest({{ var('repeat_loyal_min_days') }}, coalesce(rhythms.double_median_gap_days, 0))
            as allowed_silence_days,
        {{ cents('orders.net_revenue_amount') }} as net_revenue_cents,
        {{ sum_int_over(cents('orders.net_revenue_amount'), '') }} as buyers_net_revenue_cents,
        cast(rank() over (order by orders.net_revenue_amount) as bigint) as net_revenue_cents_rank,
        cast(count(*) over () as bigint) as net_revenue_cents_values,
        coalesce(discounts.window_orders_count, 0) as discount_window_orders_count,
        {{ ratio_bp('discounts.discounted_orders_count', 'discounts.window_orders_count') }}
            as discounted_order_share_bp,
        {{ ratio_bp(
            cents('discounts.full_price_net_revenue_amount'), cents('discounts.window_net_revenue_amount')
        ) }} as full_price_revenue_share_bp,
        10000 * discounts.discounted_orders_count
        >= {{ var('discount_lover_min_discounted_share_bp') }} * discounts.window_orders_count
            as has_enough_discounted_orders,
        10000 * {{ cents('discounts.full_price_net_revenue_amount') }}
        <= {{ var('discount_lover_max_full_price_share_bp') }} * {{ cents('discounts.window_net_revenue_amount') }}
            as has_little_full_price_revenue,
        inputs.has_discounts
    from orders
    inner join rhythms
        on orders.customer_id = rhythms.customer_id
    left join discounts
        on orders.customer_id = discounts.customer_id
    cross join inputs

),

final as (

    select
        customer_id,
        orders_in_loyal_window_count as repeat_window_orders_count,
        allowed_silence_days,
        discount_window_orders_count,
        case when has_discounts then discounted_order_share_bp end as discounted_order_share_bp,
        case when has_discounts then full_price_revenue_share_bp end as full_price_revenue_share_bp,
        {{ money_of_cents(rounded_div('buyers_net_revenue_cents', 'net_revenue_cents_values')) }}
            as mean_net_revenue_amount,
        {{ money_of_cents(rounded_div(double_median('net_revenue_cents'), '2')) }} as median_net_revenue_amount,
        orders_count = 1 as is_one_timer,
        orders_in_loyal_window_count >= {{ var('repeat_loyal_orders_count') }}
        and days_since_last_order <= allowed_silence_days as is_repeat_loyal,
        days_since_last_order < {{ var('recent_buyer_days') }} as is_recent_buyer,
        days_since_last_order >= {{ var('lapsed_buyer_days') }} as is_lapsed_buyer,
        net_revenue_cents * net_revenue_cents_values > buyers_net_revenue_cents
        and 10000 * (net_revenue_cents_rank - 1)
        >= (10000 - {{ var('high_spender_top_share_bp') }}) * net_revenue_cents_values
        and net_revenue_cents >= {{ var('high_spender_min_order_cents_count') }} * orders_count as is_high_spender,
        case
            when has_discounts
                then
                    discount_window_orders_count >= {{ var('discount_lover_orders_count') }}
                    and has_enough_discounted_orders
                    and has_little_full_price_revenue
        end as is_discount_lover
    from operands

)

select * from final
