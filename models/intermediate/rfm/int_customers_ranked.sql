-- Grain: one row per buyer, with the number of buyers strictly worse plus one in each dimension.
-- Ranks are functions of the value alone: equal customers get equal scores, in any order and on any number of threads.
with customers as (

    select * from {{ ref('int_customers_classified') }}

),

orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

buyers as (

    select
        orders.customer_id,
        {{ days_since('orders.last_order_date') }} as days_since_last_order,
        orders.orders_count,
        orders.net_revenue_amount
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    where customers.customer_kind = 'buyer'

),

final as (

    select
        customer_id,
        days_since_last_order,
        orders_count,
        net_revenue_amount,
        cast(rank() over (order by days_since_last_order desc) as bigint) as recency_rank,
        cast(rank() over (order by orders_count) as bigint) as frequency_rank,
        cast(rank() over (order by net_revenue_amount) as bigint) as monetary_rank,
        cast(count(*) over () as bigint) as scored_customers_count
    from buyers

)

select * from final
