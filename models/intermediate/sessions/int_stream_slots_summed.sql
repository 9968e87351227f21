{{ config(materialized='rollup', meta={'replaces': 'stream_key, event_date'}) }}
-- Grain: one row per stream, local day and slot with an event: what happened on a device on a day.
-- Events of one slot are closer than any silence that ends a session.
with events as (

    select * from {{ ref('int_events_restated') }}

),

final as (

    select
        events.stream_key,
        events.slot_number,
        events.event_date,
        {{ session_measures() }}
    from events
    where {{ is_in_bucket('events.stream_key') }}
    group by events.stream_key, events.slot_number, events.event_date

)

select * from final
