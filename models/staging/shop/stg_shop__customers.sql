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
        country,
        region,
        acquisition_channel,
        coalesce(is_email_verified, false) as is_email_verified,
        {{ local_date('cast(registered_at as timestamp)') }} as registered_date,
        cast(registered_at as timestamp) as registered_at
    from latest
    where
        version_rank = 1
        and (registered_at is null or cast(registered_at as timestamp) < {{ as_of_end() }})

)

select * from final
