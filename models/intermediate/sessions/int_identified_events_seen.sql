-- Grain: one row per event by the end of the as-of date that says who it was, with its session.
with events as (

    select * from {{ ref('int_identified_events_rolled_up') }}

),

sessions as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

final as (

    select
        events.event_id,
        sessions.session_key,
        events.anonymous_id,
        events.shop_customer_id,
        events.email,
        events.order_id,
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
