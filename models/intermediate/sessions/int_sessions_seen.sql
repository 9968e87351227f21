-- Grain: one row per session that began by the end of the as-of date.
-- The as-of door of the web: the few sessions that are open across it are measured again from their events before it.
-- A session too long or too busy for a person, in which nobody tried to order, is a bot's. It is marked, never cut.
with rolled_up as (

    select * from {{ ref('int_device_sessions_rolled_up') }}

),

all_events as (

    select * from {{ ref('int_events_sessionized') }}

),

open_sessions as (

    select session_key
    from rolled_up
    where started_at < {{ as_of_end() }} and ended_at >= {{ as_of_end() }}

),

events as (

    select all_events.*
    from all_events
    inner join open_sessions
        on all_events.session_key = open_sessions.session_key
    where all_events.occurred_at < {{ as_of_end() }}

),

remeasured as (

    select
        events.session_key,
        {{ session_measures() }}
    from events
    group by events.session_key

),

seen as (

    select * from rolled_up
    where ended_at < {{ as_of_end() }}
    union all
    select * from remeasured

),

final as (

    select
        session_key,
        device_key,
        anonymous_id,
        given_session_id,
        device_type,
        country,
        events_count,
        page_views_count,
        product_views_count,
        searches_count,
        cart_adds_count,
        checkouts_count,
        purchases_count,
        forms_count,
        downloads_count,
        order_attempts_count,
        order_attempts_count = 0
        and (
            events_count > {{ var('session_max_events_count') }}
            or {{ us_between('started_at', 'ended_at') }} > {{ minutes_us(60 * var('session_max_hours')) }}
        ) as is_bot,
        {{ local_date('started_at') }} as session_date,
        started_at,
        ended_at,
        first_signup_at
    from seen

)

select * from final
