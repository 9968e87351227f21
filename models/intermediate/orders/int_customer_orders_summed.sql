-- Grain: one row per person who placed an order, counted or not.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

dated as (

    select
        *,
        is_counted and {{ is_within_days('order_date', var('repeat_loyal_window_days')) }} as is_in_loyal_window,
        is_counted and {{ is_within_days('order_date', var('buying_window_days')) }} as is_in_buying_window,
        is_counted and {{ is_within_days('order_date', var('visit_quarter_days')) }} as is_in_quarter,
        is_counted and {{ is_within_days('order_date', var('spend_trend_days')) }} as is_in_recent_spend,
        is_counted and {{ is_within_days('order_date', 2 * var('spend_trend_days')) }} as is_in_spend_trend
    from orders

),

final as (

    select
        customer_id,
        cast(count(*) as bigint) as placed_orders_count,
        {{ count_where('is_counted') }} as orders_count,
        {{ count_where('is_in_loyal_window') }} as orders_in_loyal_window_count,
        {{ count_where('is_in_buying_window') }} as buying_window_orders_count,
        {{ count_where('is_in_buying_window and is_discounted') }} as promotion_orders_count,
        {{ count_where('is_in_quarter') }} as quarter_orders_count,
        {{ count_where('is_purchase') }} as bought_orders_count,
        {{ count_where('is_purchase and refund_amount > 0') }} as refunded_orders_count,
        {{ sum_money('case when is_counted then gross_amount end') }} as gross_amount,
        {{ sum_money('case when is_counted then refund_amount end') }} as refund_amount,
        {{ sum_money('case when is_counted then net_revenue_amount end') }} as net_revenue_amount,
        {{ sum_money('case when is_in_buying_window then net_revenue_amount end') }} as buying_window_revenue_amount,
        {{ sum_money('case when is_in_buying_window and is_discounted then net_revenue_amount end') }}
            as promotion_revenue_amount,
        {{ sum_money('case when is_in_recent_spend then net_revenue_amount end') }} as recent_spend_amount,
        {{ sum_money('case when is_in_spend_trend and not is_in_recent_spend then net_revenue_amount end') }}
            as previous_spend_amount,
        max(case when is_counted then net_revenue_amount end) as largest_order_amount,
        max(case when is_in_buying_window then net_revenue_amount end) as buying_window_largest_order_amount,
        min(order_date) as first_placed_date,
        max(order_date) as last_placed_date,
        min(case when is_counted then order_date end) as first_order_date,
        min(case when customer_order_number = 2 then order_date end) as second_order_date,
        max(case when is_counted then order_date end) as last_order_date,
        max(case when is_counted then ordered_at end) as last_ordered_at
    from dated
    group by customer_id

)

select * from final
