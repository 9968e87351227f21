-- Grain: one row per run of those whom no merge has touched in this segment.
create or replace temp table membership_runs as
select runs.segment, runs.customer_id, runs.first_date, runs.last_date
from temp.membership_runs as runs
anti join temp.known_aliases as aliases
    on runs.customer_id = aliases.customer_id
anti join temp.met_runs as met
    on runs.segment = met.segment and runs.customer_id = met.customer_id
