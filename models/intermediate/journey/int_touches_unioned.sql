{{ config(materialized='view') }}
-- Grain: one row per session with a channel, and per message that was clicked, with how long before an order it counts.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

messages as (

    select * from {{ ref('int_messages_attributed') }}

),

touches as (

    select
        's:' || sessions.session_key as touch_key,
        attributed.customer_id,
        lower(sessions.channel) as channel,
        {{ minutes_us(60 * var('touch_session_hours')) }} as lookback_us,
        sessions.started_at as touched_at
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key
    where sessions.channel is not null and not sessions.is_bot
    union all
    select
        'm:' || message_id as touch_key,
        customer_id,
        lower(channel) as channel,
        case
            when lower(channel) = 'email' then {{ minutes_us(60 * var('touch_email_hours')) }}
            else {{ minutes_us(60 * var('touch_sms_hours')) }}
        end as lookback_us,
        clicked_at as touched_at
    from messages
    where customer_id is not null and clicked_at is not null

),

final as (

    select
        touch_key,
        customer_id,
        channel,
        lookback_us,
        channel in ('direct', '(direct)', '(none)', 'none') as is_direct,
        touched_at
    from touches

)

select * from final
