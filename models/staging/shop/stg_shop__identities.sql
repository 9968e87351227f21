-- Grain: one row per piece of identity evidence seen by the end of the as-of date.
with identities as (

    select * from {{ source('raw', 'identities') }}

),

normalised as (

    select distinct
        customer_id as shop_customer_id,
        identifier_type,
        case identifier_type
            when 'email' then {{ normalised_email('identifier') }}
            when 'phone' then {{ normalised_phone('identifier') }}
            else identifier
        end as identifier,
        {{ local_date(utc_timestamp('seen_at')) }} as seen_date,
        {{ utc_timestamp('seen_at') }} as seen_at
    from identities
    where {{ utc_timestamp('seen_at') }} < {{ as_of_end() }}

),

-- What is no phone number is no evidence.
final as (

    select
        shop_customer_id,
        identifier_type,
        identifier,
        seen_date,
        seen_at
    from normalised
    where identifier is not null

)

select * from final
