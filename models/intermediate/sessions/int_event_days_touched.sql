-- Grain: one row per stream and local day with an event that landed since the rollups were made, in any version:
-- one that stands no more had a day too. No row where the rollups are made as a whole.
with events as (

    select * from {{ ref('stg_web__events') }}

),

chosen as (

    select * from {{ ref('int_event_versions_chosen') }}

),

keyed as (

    select * from {{ ref('int_event_versions_keyed') }}

),

other_versions as (

    select * from {{ ref('int_event_versions_keyed') }}

),

versioned as (

    select chosen.event_id
    from chosen
    inner join events
        on chosen.event_id = events.event_id
    where {{ landed_since_rollups('events.loaded_at') }}

),

final as (

    select
        stream_key,
        event_date
    from keyed
    where {{ landed_since_rollups('loaded_at') }}
    union
    select
        stream_key,
        event_date
    from other_versions
    where event_id in (select versioned.event_id from versioned)

)

select * from final
