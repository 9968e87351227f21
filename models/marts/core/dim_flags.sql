-- Grain: one row per behavioural flag.
with flags as (

    select * from {{ ref('flags') }}

),

final as (

    select
        flag,
        family,
        question,
        definition,
        default_value,
        origin
    from flags

)

select * from final
