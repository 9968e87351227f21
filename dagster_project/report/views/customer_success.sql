-- Grain: one row per lifecycle stage, empty ones included: who needs care, and what they are worth.
select
    counts.title as stage,
    counts.customers_count,
    coalesce(sum(profiles.net_revenue_amount), 0) as net_revenue_amount,
    coalesce(sum(profiles.refund_amount), 0) as refund_amount,
    count(*) filter (where profiles.is_high_spender) as high_spenders_count,
    count(*) filter (where profiles.is_cart_abandoner) as cart_abandoners_count,
    count(*) filter (where profiles.is_email_contactable) as contactable_count
from marts.rpt_lifecycle_counts as counts
left join profiles.customer_profiles as profiles
    on counts.lifecycle_stage = profiles.lifecycle_stage
group by counts.title, counts.customers_count, counts.stage_order
order by counts.stage_order
