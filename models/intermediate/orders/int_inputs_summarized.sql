-- Grain: one row: which questions the landed data can answer at all.
-- What no data could answer is null for everybody, never false.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

order_facts as (

    select coalesce(bool_or(is_discount_known), false) as has_discounts
    from orders

),

session_facts as (

    select count(*) > 0 as has_events
    from sessions

),

final as (

    select
        order_facts.has_discounts,
        session_facts.has_events
    from order_facts
    cross join session_facts

)

select * from final
