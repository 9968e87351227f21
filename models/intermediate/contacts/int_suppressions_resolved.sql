-- Grain: one row per word against contacting somebody and customer id, address or number it names.
-- Each of them leads to its own person: an entry that names two people's values speaks of both.
with suppressions as (

    select * from {{ ref('int_suppressions_unioned') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

emails as (

    select * from {{ ref('int_emails_resolved') }}

),

phones as (

    select * from {{ ref('int_phones_resolved') }}

),

final as (

    select
        suppressions.suppression_key || ':customer_id' as suppression_key,
        connected.customer_id,
        cast(null as string) as email,
        cast(null as string) as phone,
        suppressions.channel,
        suppressions.reason
    from suppressions
    inner join connected
        on suppressions.shop_customer_id = connected.shop_customer_id
    union all
    select
        suppressions.suppression_key || ':email' as suppression_key,
        emails.customer_id,
        suppressions.email,
        null as phone,
        suppressions.channel,
        suppressions.reason
    from suppressions
    left join emails
        on suppressions.email = emails.email
    where suppressions.email is not null
    union all
    select
        suppressions.suppression_key || ':phone' as suppression_key,
        phones.customer_id,
        null as email,
        suppressions.phone,
        suppressions.channel,
        suppressions.reason
    from suppressions
    left join phones
        on suppressions.phone = phones.phone
    where suppressions.phone is not null

)

select * from final
