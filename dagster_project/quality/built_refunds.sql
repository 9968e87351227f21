-- The same refunds as the build holds them, and what orders took of them.
select
    count(*) filter (where not is_derived) as refunds_count,
    cast(coalesce(sum(refund_amount) filter (where not is_derived), 0) as decimal(18, 2)) as refund_amount,
    cast(coalesce(sum(matched_amount), 0) as decimal(18, 2)) as matched_amount,
    cast(coalesce(sum(matched_amount) filter (where is_derived), 0) as decimal(18, 2)) as derived_amount,
    cast(coalesce(sum(unmatched_amount), 0) as decimal(18, 2)) as unmatched_amount,
    (
        select cast(coalesce(sum(refund_amount + excess_refund_amount), 0) as decimal(18, 2))
        from marts.fct_orders
    ) as used_amount
from marts.fct_refunds
