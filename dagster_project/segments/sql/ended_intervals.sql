-- Grain: one row per segment, person and run of built days that ended earlier.
insert into segments.membership_intervals
select
    $mode as as_of_mode,
    runs.segment,
    runs.customer_id,
    before.as_of_date is null as is_left_censored,
    following.as_of_date is null as is_right_censored,
    runs.first_date as valid_from,
    runs.last_date + 1 as valid_to
from temp.membership_runs as runs
left join temp.built_days as before
    on runs.first_date - 1 = before.as_of_date
left join temp.built_days as following
    on runs.last_date + 1 = following.as_of_date
where
    runs.last_date < cast($as_of as date) - 1
    and ($only is null or list_contains($only, runs.segment))
order by runs.segment, runs.customer_id, runs.first_date
