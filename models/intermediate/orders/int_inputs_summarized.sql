-- Grain: one row: which questions the landed data can answer at all.
-- What no data could answer is null for everybody, never false.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

messages as (

    select * from {{ ref('int_messages_summed') }}

),

consents as (

    select * from {{ ref('stg_messaging__consents') }}

),

offer_exposures as (

    select * from {{ ref('stg_messaging__offer_exposures') }}

),

offer_redemptions as (

    select * from {{ ref('stg_messaging__offer_redemptions') }}

),

memberships as (

    select * from {{ ref('stg_shop__loyalty_memberships') }}

),

landed as (

    {% for name in ['messages', 'consents', 'offer_exposures', 'offer_redemptions', 'memberships'] %}
        select '{{ name }}' as landed_table from {{ name }}
        {{ 'union' if not loop.last }}
    {% endfor %}

),

landed_facts as (

    select
    {% for name in ['messages', 'consents', 'offer_exposures', 'offer_redemptions', 'memberships'] %}
            {{ count_where("landed_table = '" ~ name ~ "'") }} > 0 as has_{{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from landed

),

order_facts as (

    select
        count(*) > 0 as has_orders,
        coalesce(bool_or(is_discount_known), false) as has_discounts
    from orders

),

session_facts as (

    select
        count(*) > 0 as has_events,
        {{ count_where('purchases_count > 0') }} > 0 as has_purchase_events
    from sessions

),

final as (

    select
        order_facts.has_discounts,
        order_facts.has_orders,
        session_facts.has_events,
        session_facts.has_purchase_events,
        landed_facts.has_messages,
        landed_facts.has_consents,
        landed_facts.has_offer_exposures,
        landed_facts.has_offer_redemptions,
        landed_facts.has_memberships
    from order_facts
    cross join session_facts
    cross join landed_facts

)

select * from final
