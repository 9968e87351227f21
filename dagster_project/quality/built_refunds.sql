-- The same refunds as the build holds them, and what orders took of them.
select
    count(*) filter (where not is_derived) as refunds_count,
    cast(coalesce(sum(
        case when matched_by = 'order' then refund_amount else cast(original_refund_amount as decimal(18, 2)) end
    ) filter (where not is_derived), 0) as decimal(18, 2)) as stated_amount,
    cast(coalesce(sum(refund_amount), 0) as decimal(18, 2)) as refund_amount,
    cast(coalesce(sum(matched_amount), 0) as decimal(18, 2)) as matched_amount,
    cast(coalesce(sum(unmatched_amount), 0) as decimal(18, 2)) as unmatched_amount,
    (
        select cast(coalesce(sum(refund_amount + excess_refund_amount), 0) as decimal(18, 2))
        from marts.fct_orders
    ) as used_amount
from marts.fct_refunds
