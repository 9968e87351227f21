{{ config(materialized='view') }}
-- Grain: one row per event of a documented type that happened on a device or for a known person, with its session.
with events as (

    select * from {{ ref('int_events_known') }}

),

slots as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

final as (

    select
        events.event_id,
        slots.session_key,
        events.device_key,
        events.anonymous_id,
        events.shop_customer_id,
        events.email,
        events.given_session_id,
        events.cart_id,
        events.order_id,
        events.product_id,
        events.event_type,
        events.device_type,
        events.country,
        events.quantity,
        events.is_cart_event,
        events.is_form,
        events.is_order_attempt,
        events.occurred_at
    from events
    inner join slots
        on events.stream_key = slots.stream_key and events.slot_number = slots.slot_number

)

select * from final
