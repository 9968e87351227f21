{{ config(materialized='rollup', meta={'replaces': 'stream_key'}) }}
-- Grain: one row per stream, local day and slot with an event, with its session.
-- A given session id is a session; else a gap longer than session_gap_minutes starts a new one.
-- Timeless: later events never change the sessions of earlier ones. A touched stream is cut anew over all its days.
with slots as (

    select * from {{ ref('int_stream_slots_summed') }}

),

touched as (

    select * from {{ ref('int_event_days_touched') }}

),

gapped as (

    select
        stream_key,
        device_key,
        given_session_id,
        slot_number,
        event_date,
        started_at,
        ended_at,
        lag(ended_at) over (
            partition by stream_key
            order by slot_number, event_date
        ) as previous_ended_at,
        lead(started_at) over (
            partition by stream_key
            order by slot_number, event_date
        ) as next_started_at
    from slots
    where {{ is_touched('stream_key', 'touched') }}

),

started as (

    select
        *,
        max(
            case when {{ is_apart('previous_ended_at', 'started_at') }} then started_at end
        ) over (
            partition by stream_key
            order by slot_number, event_date
            rows between unbounded preceding and current row
        ) as session_started_at
    from gapped

),

final as (

    select
        stream_key,
        md5(
            device_key || '|' || coalesce(
                's:' || given_session_id,
                't:' || cast({{ epoch_us('session_started_at') }} as string)
            )
        ) as session_key,
        slot_number,
        coalesce(
            (given_session_id is not null or started_at > session_started_at)
            and {{ is_idle('previous_ended_at', 'started_at') }},
            false
        ) as is_after_idle,
        case
            when given_session_id is not null then previous_ended_at is null and next_started_at is null
            else
                {{ is_apart('previous_ended_at', 'started_at') }}
                and {{ is_apart('ended_at', 'next_started_at') }}
        end as is_whole_session,
        event_date
    from started

)

select * from final
