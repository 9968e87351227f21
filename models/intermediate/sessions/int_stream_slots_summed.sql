-- Grain: one row per stream and slot with an event. Events of one slot are closer than any silence that ends a session.
with events as (

    select * from {{ ref('int_events_known') }}

),

final as (

    select
        events.stream_key,
        events.slot_number,
        {{ session_measures() }}
    from events
    group by events.stream_key, events.slot_number

)

select * from final
