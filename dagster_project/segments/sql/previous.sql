-- Grain: one row per segment and member of the day before, under the id that the person has today.
-- Only those whose id changed can be there twice, so nobody else is grouped.
create or replace temp table previous_memberships as
with members as not materialized (

    select segment, customer_id, entered_date
    from read_parquet($previous, hive_partitioning = false)
    where list_contains($segments, segment)

),

met as (

    select segment, customer_id, entered_date from temp.renamed_members
    union all
    select members.segment, members.customer_id, members.entered_date
    from members
    semi join temp.touched_members as touched
        on members.segment = touched.segment and members.customer_id = touched.customer_id
    anti join temp.renamed_members as renamed
        on members.segment = renamed.segment and members.customer_id = renamed.old_customer_id

)

select members.segment, members.customer_id, members.entered_date
from members
anti join temp.touched_members as touched
    on members.segment = touched.segment and members.customer_id = touched.customer_id
union all
select segment, customer_id, min(entered_date) as entered_date
from met
group by segment, customer_id
