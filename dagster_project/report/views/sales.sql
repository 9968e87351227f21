-- Grain: one row per calendar month with an order or a refund: what was sold, given back and kept, and by whom.
with days as (

    select
        cast(date_trunc('month', revenue_date) as date) as month_start_date,
        cast(sum(orders_count) as bigint) as orders_count,
        sum(sold_amount) as sold_amount,
        sum(refund_amount) + sum(return_amount) + sum(chargeback_amount) as given_back_amount,
        sum(net_by_order_date_amount) as net_by_order_date_amount,
        sum(net_by_event_date_amount) as net_by_event_date_amount
    from marts.rpt_revenue_by_day
    group by cast(date_trunc('month', revenue_date) as date)

)

select
    days.month_start_date,
    days.orders_count,
    days.sold_amount,
    days.given_back_amount,
    days.net_by_order_date_amount,
    days.net_by_event_date_amount,
    retained.acquired_customers_count,
    retained.retained_customers_count,
    retained.acquired_revenue_amount,
    retained.retained_revenue_amount
from days
left join marts.rpt_retained_revenue as retained
    on days.month_start_date = retained.month_start_date
order by days.month_start_date
