-- Grain: one row per distinct combination of identifiers that was seen together by the end of the as-of date.
-- Test orders and refunds are no evidence of anybody. seen_at is the first time; null where the source has no time.
with customers as (

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

outreach as (

    select * from {{ ref('int_outreach_identifiers_seen') }}

),

junk as (

    select identifier as junk_customer_id
    from {{ ref('junk_identifiers') }}
    where identifier_type = 'customer_id'

),

sightings as (

    select
        shop_customer_id,
        email,
        phone,
        cast(null as string) as anonymous_id,
        cast(null as string) as loyalty_id,
        cast(null as string) as alias_id,
        registered_at as seen_at
    from customers
    union all
    select
        shop_customer_id,
        email,
        phone,
        anonymous_id,
        null as loyalty_id,
        null as alias_id,
        ordered_at as seen_at
    from orders
    where shop_customer_id is not null or email is not null or phone is not null
    union all
    select
        shop_customer_id,
        case when identifier_type = 'email' then identifier end as email,
        case when identifier_type = 'phone' then identifier end as phone,
        case when identifier_type = 'anonymous_id' then identifier end as anonymous_id,
        case when identifier_type = 'loyalty_id' then identifier end as loyalty_id,
        case when identifier_type = 'customer_id' then identifier end as alias_id,
        seen_at
    from identities
    union all
    select
        shop_customer_id,
        email,
        null as phone,
        anonymous_id,
        null as loyalty_id,
        null as alias_id,
        occurred_at as seen_at
    from events
    where shop_customer_id is not null or email is not null
    union all
    select
        shop_customer_id,
        email,
        null as phone,
        null as anonymous_id,
        null as loyalty_id,
        null as alias_id,
        seen_at
    from outreach

),

together as (

    select
        shop_customer_id,
        email,
        phone,
        anonymous_id,
        loyalty_id,
        alias_id,
        min(seen_at) as seen_at
    from sightings
    group by shop_customer_id, email, phone, anonymous_id, loyalty_id, alias_id

),

-- A customer id that shops write for nobody is none; the rest of the row is evidence still.
final as (

    select
        case when junk.junk_customer_id is null then together.shop_customer_id end as shop_customer_id,
        together.email,
        together.phone,
        together.anonymous_id,
        together.loyalty_id,
        together.alias_id,
        together.seen_at
    from together
    left join junk
        on lower(together.shop_customer_id) = junk.junk_customer_id

)

select * from final
