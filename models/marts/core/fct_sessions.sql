-- Grain: one row per session that began by the as-of date.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

final as (

    select
        sessions.session_key,
        coalesce(sessions.given_session_id, sessions.session_key) as session_id,
        attributed.customer_id,
        {{ funnel_step('sessions.funnel_depth') }} as funnel_step,
        sessions.entry_page,
        sessions.exit_page,
        sessions.device_type,
        sessions.channel,
        sessions.country,
        sessions.region,
        sessions.events_count,
        sessions.page_views_count,
        sessions.product_views_count,
        sessions.category_views_count,
        sessions.searches_count,
        sessions.cart_adds_count,
        sessions.checkouts_count,
        sessions.purchases_count,
        attributed.is_identified,
        sessions.is_bot,
        sessions.is_idle_before_cart,
        sessions.session_date,
        sessions.started_at,
        sessions.ended_at
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key

)

select * from final
