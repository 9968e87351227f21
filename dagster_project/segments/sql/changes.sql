-- Grain: one row per segment and person who is in it in one of the two states only.
create or replace temp table membership_changes as
select
    coalesce(memberships.segment, previous.segment) as segment,
    coalesce(memberships.customer_id, previous.customer_id) as customer_id,
    previous.customer_id is null as is_entering
from segments.memberships
full join temp.previous_memberships as previous
    on memberships.segment = previous.segment and memberships.customer_id = previous.customer_id
where memberships.customer_id is null or previous.customer_id is null
