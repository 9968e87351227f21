-- Grain: one row per identifier and reason for which ids seen with it were not taken for one person.
with refused as (

    select * from {{ ref('int_identifiers_refused') }}

),

final as (

    select
        identifier_key,
        identifier_type,
        verdict,
        members_count
    from refused

)

select * from final
