-- Grain: one row per calendar month of the last returning_visit_days with a session: do visitors say who they are?
-- Who returns had a session before. A session is identified when somebody logs in or orders in it.
with sessions as (

    select * from {{ ref('fct_sessions') }}

),

visitors as (

    select * from {{ ref('int_customer_sessions_summed') }}

),

dated as (

    select
        sessions.session_date - cast(extract(day from sessions.session_date) as int) + 1 as month_start_date,
        sessions.started_at > visitors.first_session_at as is_returning,
        sessions.is_identified
    from sessions
    inner join visitors
        on sessions.customer_id = visitors.customer_id
    where not sessions.is_bot and {{ is_within_days('sessions.session_date', var('returning_visit_days')) }}

),

summed as (

    select
        month_start_date,
        cast(count(*) as bigint) as sessions_count,
        {{ count_where('is_identified') }} as identified_sessions_count,
        {{ count_where('is_returning') }} as returning_sessions_count,
        {{ count_where('is_returning and is_identified') }} as identified_returning_sessions_count
    from dated
    group by month_start_date

),

final as (

    select
        sessions_count,
        identified_sessions_count,
        returning_sessions_count,
        identified_returning_sessions_count,
        {{ ratio_bp('identified_returning_sessions_count', 'returning_sessions_count') }}
            as identified_returning_share_bp,
        month_start_date
    from summed

)

select * from final
