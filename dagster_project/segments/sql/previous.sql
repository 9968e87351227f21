-- Grain: one row per segment and member of the day before, under the id that the person has today.
create or replace temp table previous_memberships as
with members as (

    select segment, customer_id, entered_date
    from read_parquet($previous, hive_partitioning = false)
    where cast($segment as varchar) is null or segment = $segment

),

aliases as (

    select customer_id, min(merged_into) as merged_into
    from temp.known_aliases
    group by customer_id

)

select
    members.segment,
    coalesce(aliases.merged_into, members.customer_id) as customer_id,
    min(members.entered_date) as entered_date
from members
left join aliases
    on members.customer_id = aliases.customer_id
group by members.segment, coalesce(aliases.merged_into, members.customer_id)
