{{ config(materialized='view') }}
-- Grain: one row per phone number that belongs to one person.
with identifiers as (

    select * from {{ ref('int_identifiers_resolved') }}

),

final as (

    select
        {{ value_of_key('identifier', 'phone') }} as phone,
        customer_id
    from identifiers
    where identifier like 'phone:%'

)

select * from final
