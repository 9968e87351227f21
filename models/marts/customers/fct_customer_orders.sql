-- Grain: one row per person who placed an order, counted or not.
with orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

final as (

    select
        customer_id,
        orders_count,
        placed_orders_count,
        gross_amount,
        refund_amount,
        net_revenue_amount,
        case
            when orders_count > 0
                then
                    {{ money(
                        rounded_div(cents('net_revenue_amount'), 'orders_count') ~ ' * cast(0.01 as decimal(3, 2))'
                    ) }}
        end as average_order_amount,
        {{ days_since('first_order_date') }} as days_since_first_order,
        {{ days_since('last_order_date') }} as days_since_last_order,
        first_order_date,
        last_order_date
    from orders

)

select * from final
