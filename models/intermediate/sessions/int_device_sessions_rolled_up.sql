-- Grain: one row per session on a device, whenever it happened and whoever it was.
with slots as (

    select * from {{ ref('int_stream_slots_summed') }}

),

sessions as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

final as (

    select
        sessions.session_key,
        {{ session_totals() }}
    from slots
    inner join sessions
        on slots.stream_key = sessions.stream_key and slots.slot_number = sessions.slot_number
    group by sessions.session_key

)

select * from final
