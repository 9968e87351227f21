{{ config(
    materialized='rollup',
    pre_hook="{{ forget('stream_key, event_date', ref('int_event_days_touched')) }}"
) }}
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
    {% if not restates_touched_days() %}
        where {{ is_in_bucket('events.stream_key') }}
    {% endif %}
    group by events.stream_key, events.slot_number, events.event_date

)

select * from final
