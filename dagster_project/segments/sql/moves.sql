-- Grain: one row per way of grouping people and person who is elsewhere in it on the second day; null is not listed,
-- or no member.
create or replace temp table moves as
-- Nearly everybody goes on under the own id.
with others as (

    select then_id, now_id, person_id
    from temp.linked
    where now_id is distinct from then_id

),

earlier as (

    select
        members.segment,
        members.customer_id as then_id,
        case when others.then_id is null then members.customer_id else others.now_id end as now_id,
        coalesce(others.person_id, members.customer_id) as person_id
    from temp.then_members as members
    left join others
        on members.customer_id = others.then_id

),

members as (

    select
        coalesce(earlier.segment, later.segment) as name,
        coalesce(earlier.then_id, people.then_id) as then_id,
        coalesce(later.customer_id, earlier.now_id) as now_id,
        coalesce(later.customer_id, earlier.person_id) as person_id,
        earlier.segment as from_value,
        later.segment as to_value
    from earlier
    full join temp.now_members as later
        on earlier.segment = later.segment and earlier.now_id = later.customer_id
    -- Who enters a segment may have been listed before.
    left join temp.people
        on earlier.segment is null and later.customer_id = people.now_id
    where earlier.segment is null or later.segment is null

),

-- Who stays listed goes elsewhere in a group only by leaving or entering a segment of it.
grouped as (

    select groups.name, members.then_id, members.now_id
    from members
    inner join temp.groups
        on members.name = groups.segment
    union
    select groups.name, people.then_id, people.now_id
    from temp.people
    cross join (select distinct name from temp.groups) as groups
    where people.then_id is null or people.now_id is null

)

select
    'stage' as kind,
    'lifecycle_stage' as name,
    then_id,
    now_id,
    person_id,
    then_stage as from_value,
    now_stage as to_value
from temp.people
where then_stage is distinct from now_stage
union all
select 'rfm', 'rfm_segment', then_id, now_id, person_id, then_rfm, now_rfm
from temp.people
where then_rfm is distinct from now_rfm
union all
select
    'group',
    grouped.name,
    grouped.then_id,
    grouped.now_id,
    coalesce(grouped.now_id, others.person_id, grouped.then_id),
    case when grouped.then_id is not null then coalesce(then_groups.segment, 'rest') end as from_group,
    case when grouped.now_id is not null then coalesce(now_groups.segment, 'rest') end as to_group
from grouped
left join others
    on grouped.then_id = others.then_id
left join temp.then_groups
    on grouped.name = then_groups.name and grouped.then_id = then_groups.customer_id
left join temp.now_groups
    on grouped.name = now_groups.name and grouped.now_id = now_groups.customer_id
where from_group is distinct from to_group
union all
select 'segment', name, then_id, now_id, person_id, from_value, to_value
from members
