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

-- Most sessions lie in one slot, which then says all of it.
final as (

    select
        sessions.session_key,
        sessions.stream_key,
        {% for column in session_words() + ['visit_path'] + session_counts() -%}
            slots.{{ column }},
        {% endfor -%}
        slots.event_date as session_date,
        slots.event_date as last_date,
        slots.started_at,
        slots.ended_at,
        slots.first_signup_at,
        slots.last_purchase_at
    from slots
    inner join sessions
        on
            slots.stream_key = sessions.stream_key
            and slots.slot_number = sessions.slot_number
            and slots.event_date = sessions.event_date
    where sessions.is_whole_session and {{ is_touched('slots.stream_key', 'touched') }}
    union all
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
    where not sessions.is_whole_session and {{ is_touched('slots.stream_key', 'touched') }}
    group by sessions.session_key, sessions.stream_key

)

select * from final
