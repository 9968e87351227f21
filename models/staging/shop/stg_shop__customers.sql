{{ config(materialized='table') }}
-- Grain: one row per customer account opened by the end of the as-of date, as all sources together know it now.
-- Each value is that of the source that wrote last and has one. What belongs together comes from one source: an address
-- and whether it is verified, a country and its region. The account was opened when the first of them says.
-- A table, because it is read often.
with customers as (

    select * from {{ source('raw', 'customers') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by customer_id, source
            order by updated_at desc nulls last, content_md5 desc
        ) as version_rank
    from customers

),

ranked as (

    select
        customer_id,
        shop_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        country,
        region,
        acquisition_channel,
        coalesce(is_email_verified, false) as is_email_verified,
        cast(registered_at as timestamp) as registered_at,
        row_number() over (
            partition by customer_id
            order by updated_at nulls first, content_md5
        ) as source_rank
    from latest
    where version_rank = 1

),

merged as (

    select
        customer_id,
        max_by(shop_id, case when shop_id is not null then source_rank end) as shop_id,
        max_by(email, case when email is not null then source_rank end) as email,
        max_by(is_email_verified, case when email is not null then source_rank end) as is_email_verified,
        max_by(phone, case when phone is not null then source_rank end) as phone,
        max_by(coalesce(country, ''), case when coalesce(country, region) is not null then source_rank end) as country,
        max_by(coalesce(region, ''), case when coalesce(country, region) is not null then source_rank end) as region,
        max_by(acquisition_channel, case when acquisition_channel is not null then source_rank end)
            as acquisition_channel,
        min(registered_at) as registered_at
    from ranked
    group by customer_id

),

final as (

    select
        customer_id as shop_customer_id,
        shop_id,
        email,
        phone,
        nullif(country, '') as country,
        nullif(region, '') as region,
        acquisition_channel,
        coalesce(is_email_verified, false) as is_email_verified,
        {{ local_date('registered_at') }} as registered_date,
        registered_at
    from merged
    where registered_at is null or registered_at < {{ as_of_end() }}

)

select * from final
