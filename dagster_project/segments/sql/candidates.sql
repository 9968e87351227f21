-- Grain: one row per segment of an exclusive group and person for whom its rule holds, whoever won.
create or replace table segments.candidates as
select
    candidates.segment,
    candidates.customer_id,
    candidates."group",
    first_value(candidates.segment) over in_turn as won_by,
    candidates.priority,
    row_number() over in_turn = 1 as is_winner
from ({candidates}) as candidates
window in_turn as (partition by candidates."group", candidates.customer_id order by candidates.priority)
order by candidates.segment, candidates.customer_id
