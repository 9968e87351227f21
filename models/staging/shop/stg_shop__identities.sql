-- Grain: one row per piece of identity evidence seen by the end of the as-of date.
with identities as (

    select * from {{ source('raw', 'identities') }}

),

final as (

    select distinct
        customer_id as shop_customer_id,
        identifier_type,
        case
            when identifier_type = 'email' then {{ normalised_email('identifier') }}
            else identifier
        end as identifier,
        {{ local_date('cast(seen_at as timestamp)') }} as seen_date,
        cast(seen_at as timestamp) as seen_at
    from identities
    where cast(seen_at as timestamp) < {{ as_of_end() }}

)

select * from final
