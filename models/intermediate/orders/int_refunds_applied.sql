-- Grain: one row per refund and the order, or the sale line, that it takes money from, in the shop's currency.
-- A refund gives back what was paid: it goes by the rate of its order, not by that of its own day. Each part is the
-- step between two rounded running totals, so that an order refunded in many parts is refunded to the cent.
with refunds as (

    select * from {{ ref('int_refunds_matched') }}

),

orders as (

    select * from {{ ref('int_orders_valued') }}

),

numbered as (

    select
        refunds.*,
        orders.fx_rate,
        orders.original_currency,
        orders.is_valid,
        orders.product_amount - orders.gift_card_amount as refundable_amount,
        cast(
            row_number() over (
                partition by refunds.order_id
                order by refunds.refunded_at, refunds.refund_id, refunds.line_number
            ) as bigint
        ) as refund_number
    from refunds
    inner join orders
        on refunds.order_id = orders.order_id

),

summed as (

    select
        *,
        cast(sum(amount) over (
            partition by order_id
            order by refund_number
        ) as decimal(18, 4)) as running_amount
    from numbered

),

stepped as (

    select
        *,
        {{ money('running_amount * fx_rate') }} as total_after,
        {{ money('(running_amount - amount) * fx_rate') }} as total_before
    from summed

),

final as (

    select
        refund_id,
        order_id,
        line_number,
        refund_number,
        kind,
        original_currency,
        fx_rate,
        amount as original_amount,
        {{ money('total_after - total_before') }} as refund_amount,
        {{ money('least(total_after, refundable_amount) - least(total_before, refundable_amount)') }}
            as applied_amount,
        {{ money('greatest(total_after - refundable_amount, 0) - greatest(total_before - refundable_amount, 0)') }}
            as excess_amount,
        matched_by,
        is_valid,
        refund_date
    from stepped

)

select * from final
