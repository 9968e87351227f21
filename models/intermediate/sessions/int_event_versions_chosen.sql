-- Grain: one row per event that landed in several versions, with the version that stands.
-- They are few: to look them up costs less than to rank the versions of every event.
with events as (

    select * from {{ ref('stg_web__events') }}

),

final as (

    select
        event_id,
        max(content_md5) as content_md5
    from events
    group by event_id
    having count(*) > 1

)

select * from final
