{{ config(meta={"dagster": {"ref": {"name": "rpt_revenue_by_day"}}}) }}
-- Over all days revenue by order date and by event date are the same, and they are the revenue of all orders.
with revenue as (

    select * from {{ ref('rpt_revenue_by_day') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

day_totals as (

    select
        {{ sum_money('net_by_order_date_amount') }} as net_by_order_date_amount,
        {{ sum_money('net_by_event_date_amount') }} as net_by_event_date_amount
    from revenue

),

order_totals as (

    select {{ sum_money('net_revenue_amount') }} as net_revenue_amount
    from orders

),

final as (

    select
        day_totals.net_by_order_date_amount,
        day_totals.net_by_event_date_amount,
        order_totals.net_revenue_amount
    from day_totals
    cross join order_totals
    where
        day_totals.net_by_order_date_amount <> order_totals.net_revenue_amount
        or day_totals.net_by_event_date_amount <> order_totals.net_revenue_amount

)

select * from final
