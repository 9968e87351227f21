-- Grain: one row: the secret that keys the ids of people without a customer id.
with pseudonym_keys as (

    select * from {{ source('raw', 'pseudonym_key') }}

),

final as (

    select key as pseudonym_key
    from pseudonym_keys

)

select * from final
