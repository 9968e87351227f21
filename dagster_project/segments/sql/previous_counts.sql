-- Grain: one row per segment that had members on the day before: how many, people who became one counted once.
create or replace temp table previous_counts as
with members as not materialized (

    select segment, customer_id
    from read_parquet($previous, hive_partitioning = false)
    where list_contains($segments, segment)

),

counted as (

    select segment, count(*) as members_count
    from members
    group by segment
    union all
    select members.segment, -count(*)
    from members
    semi join temp.touched_members as touched
        on members.segment = touched.segment and members.customer_id = touched.customer_id
    group by members.segment
    union all
    select segment, count(distinct customer_id)
    from temp.renamed_members
    group by segment

)

select segment, sum(members_count) as members_count
from counted
group by segment
