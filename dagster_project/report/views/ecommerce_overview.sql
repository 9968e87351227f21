-- Grain: one row per calendar month: visits, carts and orders of the site. Nothing is known where no events landed.
with months as (

    select distinct month_start_date
    from marts.dim_dates

),

visits as (

    select
        date_trunc('month', session_date) as month_start_date,
        count(*) as sessions_count,
        count(distinct customer_id) as visitors_count,
        count(*) filter (where is_identified) as identified_sessions_count,
        count(*) filter (where purchases_count > 0) as purchase_sessions_count
    from marts.fct_sessions
    where not is_bot
    group by date_trunc('month', session_date)

),

carts as (

    select
        date_trunc('month', last_activity_date) as month_start_date,
        count(*) as carts_count,
        count(*) filter (where outcome = 'ordered') as ordered_carts_count,
        count(*) filter (where outcome = 'abandoned') as abandoned_carts_count
    from marts.fct_carts
    group by date_trunc('month', last_activity_date)

),

orders as (

    select
        date_trunc('month', order_date) as month_start_date,
        count(*) as orders_count,
        sum(net_revenue_amount) as net_revenue_amount
    from marts.fct_orders
    where is_counted
    group by date_trunc('month', order_date)

)

select
    months.month_start_date,
    visits.sessions_count,
    visits.visitors_count,
    visits.identified_sessions_count,
    visits.purchase_sessions_count,
    carts.carts_count,
    carts.ordered_carts_count,
    carts.abandoned_carts_count,
    coalesce(orders.orders_count, 0) as orders_count,
    coalesce(orders.net_revenue_amount, 0) as net_revenue_amount
from months
left join visits
    on months.month_start_date = visits.month_start_date
left join carts
    on months.month_start_date = carts.month_start_date
left join orders
    on months.month_start_date = orders.month_start_date
order by months.month_start_date
