-- Grain: one row per refund and the order, or the sale line, that it takes money from.
-- Amounts are in the currency of that order.
with refunds as (

    select * from {{ ref('stg_shop__refunds') }}

),

orders as (

    select * from {{ ref('int_orders_valued') }}

),

returns as (

    select * from {{ ref('int_returns_matched') }}

),

refunded_orders as (

    select * from {{ ref('stg_shop__refunded_orders') }}

),

by_order as (

    select
        refunds.refund_id,
        refunds.order_id,
        refunds.line_number,
        refunds.kind,
        refunds.amount,
        'order' as matched_by,
        refunds.refund_date,
        refunds.refunded_at
    from refunds
    inner join orders
        on refunds.order_id = orders.order_id

),

-- Cents are shared by running totals, so that the parts add up to the whole.
shared as (

    select
        returns.refund_id,
        returns.order_id,
        returns.line_number,
        refunds.kind,
        refunds.refund_date,
        refunds.refunded_at,
        {{ cents(money('refunds.amount')) }} as amount_cents,
        cast(refunds.returned_quantity * 1000 as bigint) as refund_milli_units,
        cast(1000 * returns.quantity as bigint) as part_milli_units,
        {{ sum_int_over(
            'cast(1000 * returns.quantity as bigint)',
            'partition by returns.refund_id order by returns.top_height desc, returns.order_id desc, returns.line_number desc'
        ) }} as running_milli_units
    from returns
    inner join refunds
        on returns.refund_id = refunds.refund_id

),

by_product as (

    select
        refund_id,
        order_id,
        line_number,
        kind,
        {{ money(
            '('
            ~ rounded_div('amount_cents * running_milli_units', 'refund_milli_units')
            ~ ' - '
            ~ rounded_div('amount_cents * (running_milli_units - part_milli_units)', 'refund_milli_units')
            ~ ') * cast(0.01 as decimal(3, 2))'
        ) }} as amount,
        'product' as matched_by,
        refund_date,
        refunded_at
    from shared

),

-- An order that is fully refunded without a refund of its own is refunded when its status says so.
derived as (

    select
        'derived:' || orders.order_id as refund_id,
        orders.order_id,
        cast(null as bigint) as line_number,
        'refund' as kind,
        orders.original_product_amount as amount,
        'status' as matched_by,
        {{ local_date('orders.refund_implied_at') }} as refund_date,
        orders.refund_implied_at as refunded_at
    from orders
    left join refunded_orders
        on orders.order_id = refunded_orders.order_id
    where orders.refund_implied_at is not null and refunded_orders.order_id is null

),

unioned as (

    select * from by_order
    union all
    select * from by_product
    union all
    select * from derived

),

final as (

    select
        refund_id,
        order_id,
        line_number,
        kind,
        cast(amount as decimal(18, 4)) as amount,
        matched_by,
        refund_date,
        refunded_at
    from unioned

)

select * from final
