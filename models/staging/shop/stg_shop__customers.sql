{{ config(materialized='table') }}
-- Grain: one row per customer account opened by the end of the as-of date, as all sources together know it now.
-- Each value is that of the source that wrote last and has one. What belongs together comes from one source: an address
-- and whether it is verified, a name, a place. The account was opened when the first of them says.
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
        nullif(trim(first_name), '') as first_name,
        nullif(trim(last_name), '') as last_name,
        country,
        region,
        nullif(trim(postal_code), '') as postal_code,
        acquisition_channel,
        coalesce(is_email_verified, false) as is_email_verified,
        {{ utc_timestamp('registered_at') }} as registered_at,
        {{ utc_timestamp('coalesce(updated_at, registered_at)') }} as changed_at,
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
        {% for together in [
            ['shop_id'], ['email'], ['phone'], ['first_name', 'last_name'], ['country', 'region', 'postal_code'],
            ['acquisition_channel']
        ] %}
            {% for column in together %}
                max_by(
                    coalesce({{ column }}, ''),
                    case when coalesce({{ together | join(', ') }}, '') <> '' then source_rank end
                ) as {{ column }},
            {% endfor %}
        {% endfor %}
        max_by(is_email_verified, case when email is not null then source_rank end) as is_email_verified,
        min(registered_at) as registered_at,
        max(changed_at) as changed_at
    from ranked
    group by customer_id

),

final as (

    select
        customer_id as shop_customer_id,
        nullif(shop_id, '') as shop_id,
        nullif(email, '') as email,
        nullif(phone, '') as phone,
        nullif(first_name, '') as first_name,
        nullif(last_name, '') as last_name,
        nullif(country, '') as country,
        nullif(region, '') as region,
        nullif(postal_code, '') as postal_code,
        nullif(acquisition_channel, '') as acquisition_channel,
        coalesce(is_email_verified, false) as is_email_verified,
        {{ local_date('registered_at') }} as registered_date,
        registered_at,
        {{ unless_future('changed_at') }} as last_changed_at
    from merged
    where registered_at is null or registered_at < {{ as_of_end() }}

)

select * from final
