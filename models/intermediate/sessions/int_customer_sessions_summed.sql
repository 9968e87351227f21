-- Grain: one row per person with a session. What bots did is nobody's browsing.
-- A visit and all that was done in it are of the day on which it began. Null is what a window without a visit has.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

dated as (

    select
        sessions.*,
        attributed.customer_id,
        {{ is_within_days('sessions.session_date', var('visit_month_days')) }} as is_in_month,
        {{ is_within_days('sessions.session_date', var('visit_quarter_days')) }} as is_in_quarter,
        {{ is_within_days('sessions.session_date', var('buying_window_days')) }} as is_in_buying_window
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key
    where not sessions.is_bot

),

final as (

    select
        customer_id,
        cast(count(*) as bigint) as sessions_count,
        {{ count_where('is_in_quarter') }} as quarter_sessions_count,
        {{ sum_int('events_count') }} as events_count,
        {{ sum_int('product_views_count') }} as product_views_count,
        {{ sum_int('cart_adds_count') }} as cart_adds_count,
        {{ sum_int('forms_count') }} as forms_count,
        {{ sum_int('downloads_count') }} as downloads_count,
        {{ sum_int('order_attempts_count') }} as order_attempts_count,
        {% for deed in visit_deeds() %}
            cast(sum(case when is_in_month then {{ deed }}s_count end) as bigint) as month_{{ deed }}s_count,
            cast(sum(case when is_in_quarter then {{ deed }}s_count end) as bigint) as quarter_{{ deed }}s_count,
        {% endfor %}
        cast(sum(case when is_in_buying_window then product_views_count end) as bigint)
            as buying_window_product_views_count,
        cast(
            sum(case when is_in_quarter then {{ int_div(us_between('started_at', 'ended_at'), '1000000') }} end)
            as bigint
        ) as quarter_visit_seconds,
        {% for deed in visit_deeds() %}
            max(case when {{ deed }}s_count > 0 then session_date end) as last_{{ deed }}_date,
        {% endfor %}
        min(session_date) as first_session_date,
        max(session_date) as last_session_date,
        min(started_at) as first_session_at,
        min(first_signup_at) as first_signup_at
    from dated
    group by customer_id

)

select * from final
