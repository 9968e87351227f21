-- Grain: one row per run of somebody who was merged, under the id of today, and of who was there under that id before.
create or replace temp table met_runs as
with renamed as (

    select runs.segment, min(aliases.merged_into) as customer_id, runs.first_date, runs.last_date
    from temp.membership_runs as runs
    inner join temp.known_aliases as aliases
        on runs.customer_id = aliases.customer_id
    group by runs.segment, runs.customer_id, runs.first_date, runs.last_date

)

select segment, customer_id, first_date, last_date from renamed
union all
select runs.segment, runs.customer_id, runs.first_date, runs.last_date
from temp.membership_runs as runs
semi join renamed
    on runs.segment = renamed.segment and runs.customer_id = renamed.customer_id
anti join temp.known_aliases as aliases
    on runs.customer_id = aliases.customer_id
