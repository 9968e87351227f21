-- Grain: one row: the shop as of the as-of date.
with customers as (

    select
        count(*) filter (where customer_kind <> 'anonymous') as known_customers_count,
        count(*) filter (where orders_count > 0) as buyers_count,
        count(*) filter (where orders_count > 1) as repeat_buyers_count,
        count(*) filter (where lifecycle_stage = 'new') as new_customers_count,
        count(*) filter (where lifecycle_stage in ('at_risk', 'dormant')) as customers_at_risk_count,
        coalesce(sum(net_revenue_amount), 0) as net_revenue_amount
    from profiles.customer_profiles

),

orders as (

    select
        count(*) as placed_orders_count,
        count(*) filter (where is_counted) as orders_count,
        coalesce(sum(refund_amount), 0) as refund_amount,
        max(order_date) as last_order_date
    from marts.fct_orders

)

select
    generation.as_of_date,
    generation.shop_currency,
    customers.known_customers_count,
    customers.buyers_count,
    customers.repeat_buyers_count,
    customers.new_customers_count,
    customers.customers_at_risk_count,
    orders.placed_orders_count,
    orders.orders_count,
    customers.net_revenue_amount,
    orders.refund_amount,
    case
        when orders.orders_count > 0 then cast(customers.net_revenue_amount / orders.orders_count as decimal(18, 2))
    end as average_order_amount,
    orders.last_order_date
from marts.dim_generation as generation
cross join customers
cross join orders
