-- Grain: one row per calendar month with a counted order: what old customers brought in, and what new ones.
-- A customer is acquired in the month of the first counted order, and retained in every later one.
with orders as (

    select * from {{ ref('fct_orders') }}

),

customers as (

    select * from {{ ref('fct_customer_orders') }}

),

placed as (

    select
        orders.customer_id,
        orders.net_revenue_amount,
        customers.first_order_date >= date_trunc('month', orders.order_date) as is_acquired,
        cast(date_trunc('month', orders.order_date) as date) as month_start_date
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    where orders.is_counted

),

summed as (

    select
        month_start_date,
        cast(count(distinct case when is_acquired then customer_id end) as bigint) as acquired_customers_count,
        cast(count(distinct case when not is_acquired then customer_id end) as bigint) as retained_customers_count,
        {{ count_where('is_acquired') }} as acquired_orders_count,
        {{ count_where('not is_acquired') }} as retained_orders_count,
        {{ sum_money('case when is_acquired then net_revenue_amount end') }} as acquired_revenue_amount,
        {{ sum_money('case when not is_acquired then net_revenue_amount end') }} as retained_revenue_amount
    from placed
    group by month_start_date

),

final as (

    select
        acquired_customers_count,
        retained_customers_count,
        acquired_orders_count,
        retained_orders_count,
        acquired_revenue_amount,
        retained_revenue_amount,
        {{ ratio_bp(cents('retained_revenue_amount'), cents('acquired_revenue_amount + retained_revenue_amount')) }}
            as retained_revenue_share_bp,
        month_start_date
    from summed

)

select * from final
