-- Grain: one row per person who is listed on either day; null is not listed.
create or replace temp table people as
select
    linked.then_id,
    later.customer_id as now_id,
    coalesce(later.customer_id, linked.person_id) as person_id,
    linked.lifecycle_stage as then_stage,
    later.lifecycle_stage as now_stage,
    case when linked.then_id is not null then coalesce(linked.rfm_segment, 'unscored') end as then_rfm,
    case when later.customer_id is not null then coalesce(later.rfm_segment, 'unscored') end as now_rfm
from temp.linked
full join temp.now_customers as later
    on linked.now_id = later.customer_id
