{{ config(
    materialized='rollup',
    pre_hook="{{ forget('event_id', ref('stg_web__events'), landed_since_rollups('loaded_at')) }}"
) }}
-- Grain: one row per event that landed in several versions, with the version that stands.
-- They are few: to look them up costs less than to rank the versions of every event.
with events as (

    select * from {{ ref('stg_web__events') }}

),

landed as (

    select event_id
    from {{ ref('stg_web__events') }}
    where {{ landed_since_rollups('loaded_at') }}

),

final as (

    select
        event_id,
        max(content_md5) as content_md5
    from events
    where
        {% if restates_touched_days() %}
            event_id in (select landed.event_id from landed)
        {% else %}
            {{ is_in_bucket('event_id') }}
        {% endif %}
    group by event_id
    having count(*) > 1

)

select * from final
