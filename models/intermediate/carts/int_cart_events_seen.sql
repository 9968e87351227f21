{{ config(materialized='view') }}
-- Grain: one row per event of a cart, or failed payment, by the end of the as-of date.
-- A cart is a cart id, else the cart events of one session.
with events as (

    select * from {{ ref('int_cart_events_rolled_up') }}

),

sessions as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

final as (

    select
        events.event_id,
        coalesce('c:' || events.cart_id, 's:' || sessions.session_key) as cart_key,
        sessions.session_key,
        events.cart_id,
        events.order_id,
        events.product_id,
        events.event_type,
        events.currency,
        coalesce(events.quantity, 1) as quantity,
        events.value_amount,
        events.occurred_at
    from events
    inner join sessions
        on
            events.stream_key = sessions.stream_key
            and events.slot_number = sessions.slot_number
            and events.event_date = sessions.event_date
    where events.event_date <= {{ as_of_date() }}

)

select * from final
