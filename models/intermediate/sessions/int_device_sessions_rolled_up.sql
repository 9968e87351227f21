{{ config(materialized='rollup', meta={'replaces': 'stream_key'}) }}
-- Grain: one row per session on a device, whenever it happened and whoever it was.
with slots as (

    select * from {{ ref('int_stream_slots_summed') }}

),

sessions as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

touched as (

    select * from {{ ref('int_event_days_touched') }}

),

final as (

    select
        sessions.session_key,
        sessions.stream_key,
        {{ session_totals() }}
    from slots
    inner join sessions
        on
            slots.stream_key = sessions.stream_key
            and slots.slot_number = sessions.slot_number
            and slots.event_date = sessions.event_date
    where {{ is_touched('slots.stream_key', 'touched') }}
    group by sessions.session_key, sessions.stream_key

)

select * from final
