{{ config(meta={"dagster": {"ref": {"name": "int_device_sessions_rolled_up"}}}) }}
-- Every event stands in exactly one session: none is lost where slots become sessions, none is counted twice.
with slots as (

    select * from {{ ref('int_stream_slots_summed') }}

),

sessions as (

    select * from {{ ref('int_device_sessions_rolled_up') }}

),

slot_totals as (

    select {{ sum_int('events_count') }} as events_count
    from slots

),

session_totals as (

    select {{ sum_int('events_count') }} as events_count
    from sessions

),

final as (

    select
        slot_totals.events_count,
        session_totals.events_count as session_events_count
    from slot_totals
    cross join session_totals
    where slot_totals.events_count <> session_totals.events_count

)

select * from final
