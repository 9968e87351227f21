-- Grain: one row per refund dated by the as-of date, with how much of it found the sale it takes back.
with refunds as (

    select * from {{ ref('stg_shop__refunds') }}

),

matched as (

    select * from {{ ref('int_refunds_matched') }}

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
        matched.refund_id,
        max(orders.customer_id) as customer_id,
        case when count(distinct matched.order_id) = 1 then min(matched.order_id) end as order_id,
        max(matched.kind) as kind,
        cast(count(distinct matched.order_id) as bigint) as orders_count,
        {{ sum_money('matched.amount') }} as matched_amount,
        bool_or(matched.is_derived) as is_derived,
        max(matched.refund_date) as refund_date
    from matched
    inner join orders
        on matched.order_id = orders.order_id
    group by matched.refund_id

),

stated as (

    select
        refunds.refund_id,
        coalesce(parts.order_id, refunds.order_id) as order_id,
        coalesce(parts.customer_id, connected.customer_id) as customer_id,
        refunds.product_id,
        refunds.kind,
        coalesce(parts.orders_count, 0) as orders_count,
        refunds.amount as refund_amount,
        coalesce(parts.matched_amount, 0) as matched_amount,
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
        orders_count,
        matched_amount as refund_amount,
        matched_amount,
        true as is_derived,
        refund_date
    from parts
    where is_derived

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
        orders_count,
        {{ money('refund_amount') }} as refund_amount,
        {{ money('matched_amount') }} as matched_amount,
        {{ money('refund_amount - matched_amount') }} as unmatched_amount,
        is_derived,
        refund_date
    from united

)

select * from final
