{{ config(meta={"dagster": {"ref": {"name": "int_stream_slots_summed"}}}) }}
-- Every event that is restated stands in exactly one slot of its day, and nothing else stands in the slots of that day.
with events as (

    select * from {{ ref('int_events_restated') }}

),

slots as (

    select * from {{ ref('int_stream_slots_summed') }}

),

touched as (

    select * from {{ ref('int_event_days_touched') }}

),

event_totals as (

    select cast(count(*) as bigint) as events_count
    from events

),

slot_totals as (

    select {{ sum_int('slots.events_count') }} as events_count
    from slots
    {% if restates_touched_days() %}
        inner join touched
            on slots.stream_key = touched.stream_key and slots.event_date = touched.event_date
    {% endif %}

),

final as (

    select
        event_totals.events_count,
        slot_totals.events_count as slot_events_count
    from event_totals
    cross join slot_totals
    where event_totals.events_count <> slot_totals.events_count

)

select * from final
