-- The same value as the build shares it out.
select
    count(*) as orders_count,
    cast(coalesce(sum(gross_amount - discount_amount), 0) as decimal(18, 2)) as product_amount,
    cast(coalesce(sum(net_revenue_amount), 0) as decimal(18, 2)) as net_revenue_amount,
    cast(coalesce(sum(case when is_valid then refund_amount end), 0) as decimal(18, 2)) as refund_amount,
    cast(coalesce(sum(case when is_valid then gift_card_amount end), 0) as decimal(18, 2)) as gift_card_amount,
    cast(coalesce(sum(case when not is_valid then gross_amount - discount_amount end), 0) as decimal(18, 2))
        as not_valid_amount,
    (select cast(coalesce(sum(net_by_event_date_amount), 0) as decimal(18, 2)) from marts.rpt_revenue_by_day)
        as net_by_event_date_amount
from marts.fct_orders
