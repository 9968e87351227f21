-- Grain: one row per identifier and reason for which ids seen with it were not taken for one person.
with judged as (

    select * from {{ ref('int_identifiers_judged') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

refused as (

    select
        identifier,
        verdict,
        cast(count(*) as bigint) as members_count
    from judged
    where verdict <> 'links'
    group by identifier, verdict

),

final as (

    select
        {{ pseudonym('refused.identifier', 'pseudonym_keys.pseudonym_key', prefix='i_') }} as identifier_key,
        split_part(refused.identifier, ':', 1) as identifier_type,
        refused.verdict,
        refused.members_count
    from refused
    cross join pseudonym_keys

)

select * from final
