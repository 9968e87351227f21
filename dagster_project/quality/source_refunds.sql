-- All refunds dated by the as-of date, straight from raw: no model of the build is read. Those that name one of these
-- orders are summed per order and go by its rate; the others are taken as stated.
with latest_refunds as (

    select *
    from raw.refunds
    qualify row_number() over (partition by refund_id order by content_md5 desc) = 1

),

refunds as (

    select
        coalesce(orders.order_id, 'none ' || latest_refunds.refund_id) as paid_with,
        coalesce(max(orders.rate), 1) as rate,
        count(*) as refunds_count,
        sum(latest_refunds.amount) as amount
    from latest_refunds
    left join source_orders as orders on latest_refunds.order_id = orders.order_id
    where latest_refunds.refunded_at < (cast($as_of as date) + 1)::timestamp at time zone $zone
    group by paid_with

)

select
    cast(coalesce(sum(refunds_count), 0) as bigint) as refunds_count,
    cast(coalesce(sum(cast(amount * rate as decimal(18, 2))), 0) as decimal(18, 2)) as refund_amount
from refunds
