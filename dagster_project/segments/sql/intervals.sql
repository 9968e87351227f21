-- Grain: one row per segment and person whose run of built days reaches today, or ended with the day before.
-- Rows come in the order of the memberships; nothing is sorted.
insert into segments.membership_intervals
select
    $mode as as_of_mode,
    coalesce(members.segment, runs.segment) as segment,
    coalesce(members.customer_id, runs.customer_id) as customer_id,
    before.as_of_date is null as is_left_censored,
    members.segment is not null as is_right_censored,
    coalesce(runs.first_date, cast($as_of as date)) as valid_from,
    case when members.segment is null then cast($as_of as date) end as valid_to
from (select * from segments.memberships where $only is null or list_contains($only, segment)) as members
full join (
    select *
    from temp.membership_runs
    where last_date = cast($as_of as date) - 1 and ($only is null or list_contains($only, segment))
) as runs
    on members.segment = runs.segment and members.customer_id = runs.customer_id
left join temp.built_days as before
    on coalesce(runs.first_date, cast($as_of as date)) - 1 = before.as_of_date
