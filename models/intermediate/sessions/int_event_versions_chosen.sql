{{ config(materialized='rollup', meta={'replaces': 'event_id'}) }}
-- Grain: one row per event that landed in several versions, with the version that stands.
-- They are few: to look them up costs less than to rank the versions of every event, or to compare what these say.
with events as (

    select * from {{ ref('stg_web__events') }}

),

versions as (

    select * from {{ ref('stg_web__events') }}

),

landed as (

    select event_id
    from {{ ref('stg_web__events') }}
    where {{ landed_since_rollups('loaded_at') }}

),

repeated as (

    select event_id
    from events
    where {{ is_touched('event_id', 'landed') }}
    group by event_id
    having count(*) > 1

),

final as (

    select
        versions.event_id,
        max(versions.content_md5) as content_md5
    from versions
    inner join repeated
        on versions.event_id = repeated.event_id
    group by versions.event_id

)

select * from final
