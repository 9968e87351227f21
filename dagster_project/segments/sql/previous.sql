-- Grain: one row per segment and member of the day before, under the id that the person has today.
-- Only those whose id changed can be there twice, so nobody else is grouped.
create or replace temp table previous_memberships as
with members as (

    select segment, customer_id, entered_date
    from read_parquet($previous, hive_partitioning = false)

),

renamed as (

    select
        members.segment,
        members.customer_id as old_customer_id,
        min(aliases.merged_into) as customer_id,
        min(members.entered_date) as entered_date
    from members
    inner join temp.known_aliases as aliases
        on members.customer_id = aliases.customer_id
    group by members.segment, members.customer_id

),

kept as (

    select members.segment, members.customer_id, members.entered_date
    from members
    anti join renamed
        on members.segment = renamed.segment and members.customer_id = renamed.old_customer_id

),

met as (

    select segment, customer_id, entered_date from renamed
    union all
    select kept.segment, kept.customer_id, kept.entered_date
    from kept
    semi join renamed
        on kept.segment = renamed.segment and kept.customer_id = renamed.customer_id

)

select kept.segment, kept.customer_id, kept.entered_date
from kept
anti join renamed
    on kept.segment = renamed.segment and kept.customer_id = renamed.customer_id
union all
select segment, customer_id, min(entered_date) as entered_date
from met
group by segment, customer_id
