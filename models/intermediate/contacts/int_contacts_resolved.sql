-- Grain: one row per e-mail address and phone number that belongs to one person, with when it was last seen.
with identifiers as (

    select * from {{ ref('int_identifiers_resolved') }}

),

customers as (

    select * from {{ ref('stg_shop__customers') }}

),

orders as (

    select * from {{ ref('stg_shop__orders') }}

),

identities as (

    select * from {{ ref('stg_shop__identities') }}

),

events as (

    select * from {{ ref('int_identified_events_seen') }}

),

sightings as (

    select
        'email:' || email as contact_key,
        is_email_verified as is_verified,
        last_changed_at as seen_at
    from customers
    union all
    select
        'phone:' || phone as contact_key,
        false as is_verified,
        last_changed_at as seen_at
    from customers
    union all
    select
        'email:' || email as contact_key,
        false as is_verified,
        ordered_at as seen_at
    from orders
    union all
    select
        'phone:' || phone as contact_key,
        false as is_verified,
        ordered_at as seen_at
    from orders
    union all
    select
        identifier_type || ':' || identifier as contact_key,
        false as is_verified,
        seen_at
    from identities
    union all
    select
        'email:' || email as contact_key,
        false as is_verified,
        occurred_at as seen_at
    from events

),

summed as (

    select
        contact_key,
        bool_or(is_verified) as is_verified,
        max(seen_at) as last_seen_at
    from sightings
    where contact_key is not null
    group by contact_key

),

final as (

    select
        identifiers.identifier as contact_key,
        identifiers.customer_id,
        split_part(identifiers.identifier, ':', 1) as contact_type,
        substr(identifiers.identifier, instr(identifiers.identifier, ':') + 1) as contact_value,
        coalesce(summed.is_verified, false) as is_verified,
        summed.last_seen_at
    from identifiers
    left join summed
        on identifiers.identifier = summed.contact_key
    where identifiers.identifier like 'email:%' or identifiers.identifier like 'phone:%'

)

select * from final
