-- Grain: one row per device that anybody identified was ever seen on, with the person where it was one alone.
with evidence as (

    select * from {{ ref('int_identity_evidence_unioned') }}

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

sightings as (

    select
        evidence.anonymous_id,
        coalesce(connected.customer_id, emails.customer_id, phones.customer_id) as customer_id,
        evidence.seen_at
    from evidence
    left join connected
        on evidence.shop_customer_id = connected.shop_customer_id
    left join emails
        on evidence.email = emails.email
    left join phones
        on evidence.phone = phones.phone
    where evidence.anonymous_id is not null

),

final as (

    select
        anonymous_id,
        case when min(customer_id) = max(customer_id) then min(customer_id) end as customer_id,
        cast(count(distinct customer_id) as bigint) as customers_count,
        min(seen_at) as first_seen_at
    from sightings
    where customer_id is not null
    group by anonymous_id

)

select * from final
