-- Grain: one row per person who was listed on the first day: who that is on the second, and whether others became them.
-- An id that is listed on both days is the same person; of several ids that became one, one goes on: the own, else the
-- smallest. A device that somebody turns out to own brings no orders, and does not make its owner somebody else.
create or replace temp table linked as
with ids as (

    select
        earlier.customer_id as then_id,
        earlier.customer_kind,
        earlier.lifecycle_stage,
        earlier.rfm_segment,
        coalesce(later.customer_id, aliases.merged_into, earlier.customer_id) as person_id
    from temp.then_customers as earlier
    left join temp.now_customers as later
        on earlier.customer_id = later.customer_id
    left join temp.known_aliases as aliases
        on earlier.customer_id = aliases.customer_id

),

strangers as (

    select
        person_id,
        min(then_id) as first_id,
        bool_or(customer_kind <> 'anonymous') as has_known
    from ids
    where then_id <> person_id
    group by person_id

),

merged as (

    select
        strangers.person_id,
        strangers.has_known,
        coalesce(own.customer_id, strangers.first_id) as survivor_id
    from strangers
    left join temp.then_customers as own
        on strangers.person_id = own.customer_id

)

select
    ids.then_id,
    ids.person_id,
    ids.lifecycle_stage,
    ids.rfm_segment,
    case when ids.then_id = coalesce(merged.survivor_id, ids.then_id) then listed.customer_id end as now_id,
    ids.then_id <> ids.person_id or coalesce(merged.has_known, false) as is_merged
from ids
left join merged
    on ids.person_id = merged.person_id
left join temp.now_customers as listed
    on ids.person_id = listed.customer_id
