-- Grain: one row per way of grouping people and person who is in it on either day; null is not listed, or no member.
create or replace temp table moves as
with people as (

    select
        linked.then_id,
        later.customer_id as now_id,
        linked.person_id,
        earlier.lifecycle_stage as then_stage,
        later.lifecycle_stage as now_stage,
        case when earlier.customer_id is not null then coalesce(earlier.rfm_segment, 'unscored') end as then_rfm,
        case when later.customer_id is not null then coalesce(later.rfm_segment, 'unscored') end as now_rfm
    from temp.linked
    inner join temp.then_customers as earlier
        on linked.then_id = earlier.customer_id
    full join temp.now_customers as later
        on linked.now_id = later.customer_id

),

groups as (

    select unnest($group_segments) as segment, unnest($group_names) as name

),

then_groups as (

    select groups.name, members.customer_id, members.segment
    from temp.then_members as members
    inner join groups on members.segment = groups.segment

),

now_groups as (

    select groups.name, members.customer_id, members.segment
    from temp.now_members as members
    inner join groups on members.segment = groups.segment

),

names as (

    select distinct name from groups

),

members as (

    select
        coalesce(earlier.segment, later.segment) as name,
        earlier.then_id,
        coalesce(later.customer_id, earlier.now_id) as now_id,
        coalesce(later.customer_id, earlier.person_id) as person_id,
        earlier.segment as from_value,
        later.segment as to_value
    from (
        select then_members.segment, linked.then_id, linked.now_id, linked.person_id
        from temp.then_members
        inner join temp.linked on then_members.customer_id = linked.then_id
    ) as earlier
    full join temp.now_members as later
        on earlier.segment = later.segment and earlier.now_id = later.customer_id

)

select
    'stage' as kind,
    'lifecycle_stage' as name,
    then_id,
    now_id,
    coalesce(now_id, person_id) as person_id,
    then_stage as from_value,
    now_stage as to_value
from people
union all
select 'rfm', 'rfm_segment', then_id, now_id, coalesce(now_id, person_id), then_rfm, now_rfm
from people
union all
select
    'group',
    names.name,
    people.then_id,
    people.now_id,
    coalesce(people.now_id, people.person_id),
    case when people.then_id is not null then coalesce(then_groups.segment, 'rest') end,
    case when people.now_id is not null then coalesce(now_groups.segment, 'rest') end
from people
cross join names
left join then_groups
    on names.name = then_groups.name and people.then_id = then_groups.customer_id
left join now_groups
    on names.name = now_groups.name and people.now_id = now_groups.customer_id
union all
-- Who enters a segment may have been listed before.
select 'segment', members.name, coalesce(members.then_id, linked.then_id), members.now_id, members.person_id,
    members.from_value, members.to_value
from members
left join temp.linked
    on members.then_id is null and members.now_id = linked.now_id
