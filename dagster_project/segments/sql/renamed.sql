-- Grain: one row per segment and member of the day before whose id is another today.
create or replace temp table renamed_members as
select
    members.segment,
    members.customer_id as old_customer_id,
    min(aliases.merged_into) as customer_id,
    min(members.entered_date) as entered_date
from read_parquet($previous, hive_partitioning = false) as members
inner join temp.known_aliases as aliases
    on members.customer_id = aliases.customer_id
where list_contains($segments, members.segment)
group by members.segment, members.customer_id
