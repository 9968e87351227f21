-- Grain: one row per person who placed an order, counted or not.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

final as (

    select
        customer_id,
        cast(count(*) as bigint) as placed_orders_count,
        {{ count_where('is_counted') }} as orders_count,
        {{ count_where('is_counted and ' ~ is_within_days('order_date', var('repeat_loyal_window_days'))) }}
            as orders_in_loyal_window_count,
        {{ count_where('is_purchase') }} as bought_orders_count,
        {{ count_where('is_purchase and refund_amount > 0') }} as refunded_orders_count,
        {{ sum_money('case when is_counted then gross_amount end') }} as gross_amount,
        {{ sum_money('case when is_counted then refund_amount end') }} as refund_amount,
        {{ sum_money('case when is_counted then net_revenue_amount end') }} as net_revenue_amount,
        min(order_date) as first_placed_date,
        max(order_date) as last_placed_date,
        min(case when is_counted then order_date end) as first_order_date,
        max(case when is_counted then order_date end) as last_order_date,
        max(case when is_counted then ordered_at end) as last_ordered_at
    from orders
    group by customer_id

)

select * from final
