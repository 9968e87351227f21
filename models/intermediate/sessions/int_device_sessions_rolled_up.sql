-- Grain: one row per session on a device, whenever it happened and whoever it was.
with events as (

    select * from {{ ref('int_events_sessionized') }}

),

final as (

    select
        events.session_key,
        {{ session_measures() }}
    from events
    group by events.session_key

)

select * from final
