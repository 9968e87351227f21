-- Grain: one row per way of grouping people and place, with how many people are there on both days.
create or replace temp table stays as
with listed as (

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

grouped as (

    select name, segment, count(*) as customers_count
    from temp.now_groups
    group by name, segment

),

come as (

    select name, to_value, count(*) as customers_count
    from temp.moves
    where kind = 'group' and now_id is not null
    group by name, to_value

),

in_groups as (

    select
        grouped.name,
        grouped.segment as place,
        grouped.customers_count - coalesce(come.customers_count, 0) as customers_count
    from grouped
    left join come
        on grouped.name = come.name and grouped.segment = come.to_value
    union all
    -- Who is listed on both days and goes elsewhere in the group is not in the rest either.
    select name, null, count(*)
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
    select 'group', name, place, customers_count
    from in_groups
    where place is not null
    union all
    select 'group', groups.name, 'rest', max(listed.customers_count) - coalesce(max(inside.customers_count), 0)
    from temp.groups
    cross join listed
    left join (select name, sum(customers_count) as customers_count from in_groups group by name) as inside
        on groups.name = inside.name
    group by groups.name

)

select kind, name, place, cast(customers_count as bigint) as customers_count
from counted
where customers_count > 0
