-- Grain: one row per refund dated by the as-of date, with how much of it found the sale it takes back.
-- What found no sale has no rate to go by: its amount is taken as stated.
with refunds as (

    select * from {{ ref('stg_shop__refunds') }}

),

applied as (

    select * from {{ ref('int_refunds_applied') }}

),

orders as (

    select * from {{ ref('int_orders_attributed') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

-- A refund takes its money from the orders of one person.
parts as (

    select
        applied.refund_id,
        max(orders.customer_id) as customer_id,
        case when count(distinct applied.order_id) = 1 then min(applied.order_id) end as order_id,
        max(applied.kind) as kind,
        max(applied.matched_by) as matched_by,
        case
            when count(distinct applied.original_currency) = 1 then max(applied.original_currency)
        end as original_currency,
        max(applied.fx_rate) as fx_rate,
        cast(count(distinct applied.order_id) as bigint) as orders_count,
        sum(applied.original_amount) as original_matched_amount,
        {{ sum_money('applied.refund_amount') }} as matched_amount,
        max(applied.refund_date) as refund_date
    from applied
    inner join orders
        on applied.order_id = orders.order_id
    group by applied.refund_id

),

stated as (

    select
        refunds.refund_id,
        coalesce(parts.order_id, refunds.order_id) as order_id,
        coalesce(parts.customer_id, connected.customer_id) as customer_id,
        refunds.product_id,
        refunds.kind,
        parts.matched_by,
        parts.original_currency,
        coalesce(parts.orders_count, 0) as orders_count,
        refunds.amount as original_refund_amount,
        coalesce(parts.matched_amount, 0) as matched_amount,
        {{ money(
            '(refunds.amount - coalesce(parts.original_matched_amount, 0)) * coalesce(parts.fx_rate, 1)'
        ) }} as unmatched_amount,
        false as is_derived,
        refunds.refund_date
    from refunds
    left join parts
        on refunds.refund_id = parts.refund_id
    left join connected
        on refunds.shop_customer_id = connected.shop_customer_id

),

derived as (

    select
        refund_id,
        order_id,
        customer_id,
        cast(null as string) as product_id,
        kind,
        matched_by,
        original_currency,
        orders_count,
        original_matched_amount as original_refund_amount,
        matched_amount,
        0 as unmatched_amount,
        true as is_derived,
        refund_date
    from parts
    where matched_by = 'status'

),

united as (

    select * from stated
    union all
    select * from derived

),

final as (

    select
        refund_id,
        order_id,
        customer_id,
        product_id,
        kind,
        matched_by,
        original_currency,
        orders_count,
        cast(original_refund_amount as decimal(18, 4)) as original_refund_amount,
        {{ money('matched_amount + unmatched_amount') }} as refund_amount,
        {{ money('matched_amount') }} as matched_amount,
        {{ money('unmatched_amount') }} as unmatched_amount,
        is_derived,
        refund_date
    from united

)

select * from final
