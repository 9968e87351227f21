{{ config(meta={"dagster": {"ref": {"name": "int_device_sessions_rolled_up"}}}) }}
-- Every event stands in exactly one session: none is lost where slots become sessions, none is counted twice.
with events as (

    select * from {{ ref('int_events_known') }}

),

sessions as (

    select * from {{ ref('int_device_sessions_rolled_up') }}

),

event_totals as (

    select count(*) as events_count
    from events

),

session_totals as (

    select {{ sum_int('events_count') }} as events_count
    from sessions

),

final as (

    select
        event_totals.events_count,
        session_totals.events_count as session_events_count
    from event_totals
    cross join session_totals
    where event_totals.events_count <> session_totals.events_count

)

select * from final
