-- Grain: one row per ordered pair of segments that share a member. Each pair stands in both orders.
-- Many people are in the same set of segments: sets are paired, not people.
with members as (

    select
        segment,
        count(*) as members_count,
        row_number() over (order by segment) as number
    from segments.memberships
    group by segment

),

people as (

    select list_sort(list(members.number)) as numbers
    from {people} as memberships
    inner join members
        on memberships.segment = members.segment
    group by memberships.customer_id

),

sets as (

    select
        numbers,
        row_number() over (order by numbers) as set_number,
        count(*) as people_count
    from people
    group by numbers

),

inside as (

    select
        set_number,
        people_count,
        unnest(numbers) as number
    from sets

),

pairs as (

    select
        inside.number,
        others.number as other_number,
        cast(sum(inside.people_count) as bigint) as shared_members_count
    from inside
    inner join inside as others
        on inside.set_number = others.set_number and inside.number <> others.number
    group by inside.number, others.number

)

select
    members.segment,
    others.segment as other_segment,
    pairs.shared_members_count,
    members.members_count + others.members_count - pairs.shared_members_count as either_members_count,
    cast(
        pairs.shared_members_count
        / (members.members_count + others.members_count - pairs.shared_members_count) as double
    ) as jaccard_share,
    cast(pairs.shared_members_count / members.members_count as double) as shared_members_share
from pairs
inner join members
    on pairs.number = members.number
inner join members as others
    on pairs.other_number = others.number
where {pairs}
