-- Grain: one row per segment, person and unbroken run of days, one day more than all that were known.
create or replace temp table membership_runs as
select
    coalesce(members.segment, runs.segment) as segment,
    coalesce(members.customer_id, runs.customer_id) as customer_id,
    coalesce(runs.first_date, cast($day as date)) as first_date,
    case when members.segment is null then runs.last_date else cast($day as date) end as last_date
from (select * from temp.membership_runs where last_date = cast($day as date) - 1) as runs
full join temp.members_of_day as members
    on runs.segment = members.segment and runs.customer_id = members.customer_id
union all
select segment, customer_id, first_date, last_date
from temp.membership_runs
where last_date < cast($day as date) - 1
