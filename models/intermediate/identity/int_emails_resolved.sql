{{ config(materialized='view') }}
-- Grain: one row per e-mail address that belongs to one person.
with identifiers as (

    select * from {{ ref('int_identifiers_resolved') }}

),

final as (

    select
        {{ value_of_key('identifier', 'email') }} as email,
        customer_id
    from identifiers
    where identifier like 'email:%'

)

select * from final
