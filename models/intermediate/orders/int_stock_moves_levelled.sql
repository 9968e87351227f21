-- Grain: one row per sale line or refund of a customer and product that has refunds without an order.
-- Sales put units on a pile and refunds take them off its top: level_before and level_after are the pile's height.
-- A refund of more than lies there takes what there is; the pile never goes below zero.
with refunds as (

    select * from {{ ref('stg_shop__refunds') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

attributed as (

    select * from {{ ref('int_orders_attributed') }}

),

valued as (

    select * from {{ ref('int_orders_valued') }}

),

returns as (

    select
        connected.customer_id,
        refunds.product_id,
        'refund' as move,
        refunds.refund_id as document_id,
        cast(0 as bigint) as line_number,
        -refunds.returned_quantity as quantity,
        refunds.refunded_at as moved_at
    from refunds
    inner join connected
        on refunds.shop_customer_id = connected.shop_customer_id
    where refunds.order_id is null and refunds.product_id is not null

),

returned as (

    select distinct
        customer_id,
        product_id
    from returns

),

sold_orders as (

    select
        attributed.order_id,
        attributed.customer_id,
        attributed.ordered_at
    from attributed
    inner join valued
        on attributed.order_id = valued.order_id
    where valued.is_valid

),

sales as (

    select
        sold_orders.customer_id,
        order_lines.product_id,
        'sale' as move,
        sold_orders.order_id as document_id,
        order_lines.line_number,
        order_lines.quantity,
        sold_orders.ordered_at as moved_at
    from order_lines
    inner join sold_orders
        on order_lines.order_id = sold_orders.order_id
    inner join returned
        on
            sold_orders.customer_id = returned.customer_id
            and order_lines.product_id = returned.product_id
    where order_lines.quantity > 0

),

moves as (

    select * from returns
    union all
    select * from sales

),

-- At one instant refunds come first: only a strictly earlier sale can be returned.
numbered as (

    select
        *,
        cast(
            row_number() over (
                partition by customer_id, product_id
                order by moved_at, move, document_id, line_number
            ) as int
        ) as move_number
    from moves

),

summed as (

    select
        *,
        cast(sum(quantity) over (
            partition by customer_id, product_id
            order by move_number
        ) as decimal(18, 3)) as running_quantity
    from numbered

),

floored as (

    select
        *,
        running_quantity - least(
            0,
            min(running_quantity) over (
                partition by customer_id, product_id
                order by move_number
            )
        ) as level_after
    from summed

),

final as (

    select
        customer_id,
        product_id,
        move,
        document_id,
        line_number,
        move_number,
        quantity,
        coalesce(
            lag(level_after) over (
                partition by customer_id, product_id
                order by move_number
            ),
            0
        ) as level_before,
        level_after
    from floored

)

select * from final
