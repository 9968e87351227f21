-- Grain: one row per identifier and id of a person that has several ids: the evidence for their being one.
with judged as (

    select * from {{ ref('int_identifiers_judged') }}

),

members as (

    select * from {{ ref('int_members_named') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

joined as (

    select
        judged.identifier,
        members.member_id,
        members.customer_id,
        members.is_naming,
        cast(count(members.member_id) over (partition by judged.identifier, members.customer_id) as bigint)
            as members_count,
        judged.seen_at
    from judged
    inner join members
        on judged.member_key = members.member_key
    where judged.verdict = 'links'

),

final as (

    select
        {{ pseudonym('joined.identifier', 'pseudonym_keys.pseudonym_key', prefix='i_') }} as identifier_key,
        joined.member_id,
        joined.customer_id,
        split_part(joined.identifier, ':', 1) as identifier_type,
        joined.members_count,
        joined.is_naming,
        joined.seen_at
    from joined
    cross join pseudonym_keys
    where joined.members_count > 1

)

select * from final
