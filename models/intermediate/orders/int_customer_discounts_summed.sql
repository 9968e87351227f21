-- Grain: one row per person with a counted order in the discount window.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

final as (

    select
        customer_id,
        cast(count(*) as bigint) as window_orders_count,
        {{ count_where('is_discounted') }} as discounted_orders_count,
        {{ sum_money('net_revenue_amount') }} as window_net_revenue_amount,
        {{ sum_money('case when not is_discounted then net_revenue_amount end') }} as full_price_net_revenue_amount
    from orders
    where is_counted and {{ is_within_days('order_date', var('discount_lover_window_days')) }}
    group by customer_id

)

select * from final
