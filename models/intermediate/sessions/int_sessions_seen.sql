{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
-- Grain: one row per session that began by the end of the as-of date, the few that are open across it measured again
-- from their slots. One too long or busy for a person, without an order attempt, is a bot's: marked, never cut.
with rolled_up as (

    select * from {{ ref('int_device_sessions_rolled_up') }}

),

slots as (

    select * from {{ ref('int_stream_slots_summed') }}

),

slot_sessions as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

open_sessions as (

    select
        session_key,
        stream_key
    from rolled_up
    where session_date <= {{ as_of_date() }} and last_date > {{ as_of_date() }}

),

remeasured as (

    select
        open_sessions.session_key,
        open_sessions.stream_key,
        {{ session_totals('slot_sessions') }}
    from slots
    inner join slot_sessions
        on
            slots.stream_key = slot_sessions.stream_key
            and slots.slot_number = slot_sessions.slot_number
            and slots.event_date = slot_sessions.event_date
    inner join open_sessions
        on slot_sessions.session_key = open_sessions.session_key
    where slots.event_date <= {{ as_of_date() }}
    group by open_sessions.session_key, open_sessions.stream_key

),

seen as (

    select * from rolled_up
    where last_date <= {{ as_of_date() }}
    union all
    select * from remeasured

),

final as (

    select
        session_key,
        device_key,
        anonymous_id,
        given_session_id,
        visit_path,
        {{ entry_page('visit_path') }} as entry_page,
        {{ exit_page('visit_path') }} as exit_page,
        device_type,
        channel,
        country,
        region,
        events_count,
        page_views_count,
        product_views_count,
        category_views_count,
        searches_count,
        cart_adds_count,
        checkouts_count,
        purchases_count,
        forms_count,
        downloads_count,
        order_attempts_count,
        {{ funnel_depth('visit_path') }} as funnel_depth,
        order_attempts_count = 0 and (
            events_count > {{ var('session_max_events_count') }}
            or {{ us_between('started_at', 'ended_at') }} > {{ minutes_us(60 * var('session_max_hours')) }}
        ) as is_bot,
        {{ is_idle_before_cart('visit_path') }} as is_idle_before_cart,
        session_date,
        started_at,
        ended_at,
        first_signup_at,
        last_purchase_at
    from seen

)

select * from final
