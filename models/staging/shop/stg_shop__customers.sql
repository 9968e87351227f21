-- Grain: one row per customer account opened by the end of the as-of date, as known now.
with customers as (

    select * from {{ source('raw', 'customers') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by updated_at desc nulls last, content_md5 desc
        ) as version_rank
    from customers

),

final as (

    select
        customer_id as shop_customer_id,
        shop_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        nullif(trim(first_name), '') as first_name,
        nullif(trim(last_name), '') as last_name,
        country,
        region,
        nullif(trim(postal_code), '') as postal_code,
        acquisition_channel,
        coalesce(is_email_verified, false) as is_email_verified,
        {{ local_date('cast(registered_at as timestamp)') }} as registered_date,
        cast(registered_at as timestamp) as registered_at,
        {{ unless_future('cast(coalesce(updated_at, registered_at) as timestamp)') }} as last_changed_at
    from latest
    where
        version_rank = 1
        and (registered_at is null or cast(registered_at as timestamp) < {{ as_of_end() }})

)

select * from final
