-- Grain: one row per ordered pair of segments that share a member. Each pair stands in both orders.
create or replace table segments.overlaps as
with pairs as (

    select
        memberships.segment,
        others.segment as other_segment,
        count(*) as shared_members_count
    from segments.memberships
    inner join segments.memberships as others
        on memberships.customer_id = others.customer_id and memberships.segment <> others.segment
    group by memberships.segment, others.segment

),

members as (

    select segment, count(*) as members_count
    from segments.memberships
    group by segment

)

select
    pairs.segment,
    pairs.other_segment,
    pairs.shared_members_count,
    members.members_count + others.members_count - pairs.shared_members_count as either_members_count,
    cast(
        pairs.shared_members_count
        / (members.members_count + others.members_count - pairs.shared_members_count) as double
    ) as jaccard_share,
    cast(pairs.shared_members_count / members.members_count as double) as shared_members_share
from pairs
inner join members
    on pairs.segment = members.segment
inner join members as others
    on pairs.other_segment = others.segment
order by pairs.segment, pairs.other_segment
