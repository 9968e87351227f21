-- Grain: one row per way of grouping people and place, with how many people are there on both days.
create or replace temp table stays as
with groups as (

    select unnest($group_segments) as segment, unnest($group_names) as name

),

listed as (

    select count(*) as customers_count
    from temp.people
    where then_id is not null and now_id is not null

),

entered as (

    select name, count(*) as customers_count
    from temp.moves
    where kind = 'segment' and to_value is not null
    group by name

),

members as (

    select now_members.segment, count(*) - coalesce(max(entered.customers_count), 0) as customers_count
    from temp.now_members
    left join entered
        on now_members.segment = entered.name
    group by now_members.segment

),

gone_elsewhere as (

    select name, count(distinct then_id) as customers_count
    from temp.moves
    where kind = 'group' and then_id is not null and now_id is not null
    group by name

),

counted as (

    select 'stage' as kind, 'lifecycle_stage' as name, then_stage as place, count(*) as customers_count
    from temp.people
    where then_stage = now_stage
    group by then_stage
    union all
    select 'rfm', 'rfm_segment', then_rfm, count(*)
    from temp.people
    where then_rfm = now_rfm
    group by then_rfm
    union all
    select 'segment', segment, segment, customers_count
    from members
    union all
    select 'group', groups.name, members.segment, members.customers_count
    from members
    inner join groups
        on members.segment = groups.segment
    union all
    select
        'group',
        groups.name,
        'rest',
        max(listed.customers_count) - coalesce(sum(members.customers_count), 0)
        - coalesce(max(gone_elsewhere.customers_count), 0)
    from groups
    cross join listed
    left join members
        on groups.segment = members.segment
    left join gone_elsewhere
        on groups.name = gone_elsewhere.name
    group by groups.name

)

select kind, name, place, cast(customers_count as bigint) as customers_count
from counted
where customers_count > 0
