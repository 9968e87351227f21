-- Grain: one row per person with a session. What bots did is nobody's browsing.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

final as (

    select
        attributed.customer_id,
        cast(count(*) as bigint) as sessions_count,
        {{ sum_int('sessions.events_count') }} as events_count,
        {{ sum_int('sessions.product_views_count') }} as product_views_count,
        {{ sum_int('sessions.cart_adds_count') }} as cart_adds_count,
        {{ sum_int('sessions.forms_count') }} as forms_count,
        {{ sum_int('sessions.downloads_count') }} as downloads_count,
        {{ sum_int('sessions.order_attempts_count') }} as order_attempts_count,
        min(sessions.session_date) as first_session_date,
        max(sessions.session_date) as last_session_date,
        min(sessions.started_at) as first_session_at,
        min(sessions.first_signup_at) as first_signup_at
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key
    where not sessions.is_bot
    group by attributed.customer_id

)

select * from final
