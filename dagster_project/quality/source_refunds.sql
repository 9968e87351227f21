-- All refunds dated by the as-of date, straight from raw: no model of the build is read.
with latest_refunds as (

    select *
    from raw.refunds
    qualify row_number() over (partition by refund_id order by content_md5 desc) = 1

)

select
    count(*) as refunds_count,
    cast(coalesce(sum(cast(amount as decimal(18, 2))), 0) as decimal(18, 2)) as refund_amount
from latest_refunds
where refunded_at < (cast($as_of as date) + 1)::timestamp at time zone $zone
