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

sightings as (

    select
        shop_customer_id,
        email,
        cast(null as string) as anonymous_id,
        cast(null as string) as alias_id,
        registered_at as seen_at
    from customers
    union all
    select
        shop_customer_id,
        email,
        anonymous_id,
        null as alias_id,
        ordered_at as seen_at
    from orders
    where shop_customer_id is not null or email is not null
    union all
    select
        shop_customer_id,
        case when identifier_type = 'email' then identifier end as email,
        case when identifier_type = 'anonymous_id' then identifier end as anonymous_id,
        case when identifier_type = 'customer_id' then identifier end as alias_id,
        seen_at
    from identities
    union all
    select
        shop_customer_id,
        email,
        anonymous_id,
        null as alias_id,
        occurred_at as seen_at
    from events
    where shop_customer_id is not null or email is not null

),

final as (

    select
        shop_customer_id,
        email,
        anonymous_id,
        alias_id,
        min(seen_at) as seen_at
    from sightings
    group by shop_customer_id, email, anonymous_id, alias_id

)

select * from final
