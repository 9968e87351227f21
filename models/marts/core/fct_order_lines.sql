-- Grain: one row per line of a visible order.
with order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

final as (

    select
        order_lines.order_id,
        order_lines.product_id,
        orders.customer_id,
        cast(order_lines.line_number as bigint) as line_number,
        order_lines.quantity,
        {{ in_shop_currency('order_lines.unit_price', 'orders.fx_rate', decimals=4) }} as unit_price_amount,
        {{ in_shop_currency('order_lines.list_price', 'orders.fx_rate', decimals=4) }} as list_price_amount,
        {{ in_shop_currency(exact('order_lines.quantity * order_lines.unit_price'), 'orders.fx_rate') }} as line_amount,
        orders.is_counted,
        orders.order_date
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id

)

select * from final
