-- Grain: one row per period and step of the funnel; periods are each day with a session, and the last funnel_days.
-- A step counts only after the one before it; what bots did is no visit. For the last days people are counted too.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

people as (

    select * from {{ ref('int_recent_visits_summed') }}

),

counted as (

    select
        'day' as period,
        funnel_depth,
        cast(count(*) as bigint) as sessions_count,
        cast(null as bigint) as people_count,
        session_date as last_date
    from sessions
    where not is_bot
    group by funnel_depth, session_date
    union all
    select
        'last_days' as period,
        funnel_depth,
        cast(count(*) as bigint) as sessions_count,
        cast(0 as bigint) as people_count,
        {{ as_of_date() }} as last_date
    from sessions
    where not is_bot and {{ is_within_days('session_date', var('funnel_days')) }}
    group by funnel_depth
    union all
    select
        'last_days' as period,
        funnel_depth,
        cast(0 as bigint) as sessions_count,
        cast(1 as bigint) as people_count,
        {{ as_of_date() }} as last_date
    from people

),

reached as (

    {% for step in ['visit'] + funnel_steps() | map('first') | list -%}
        {% set is_reached = 'funnel_depth >= ' ~ loop.index0 -%}
        select
            period,
            '{{ step }}' as step,
            {{ loop.index0 }} as step_number,
            cast(sum(case when {{ is_reached }} then sessions_count else 0 end) as bigint) as sessions_count,
            cast(sum(case when {{ is_reached }} then people_count else 0 * people_count end) as bigint) as people_count,
            last_date
        from counted
        group by period, last_date
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        *,
        lag(sessions_count) over (partition by period, last_date order by step_number) as previous_sessions_count,
        max(sessions_count) over (partition by period, last_date) as all_sessions_count,
        lag(people_count) over (partition by period, last_date order by step_number) as previous_people_count,
        max(people_count) over (partition by period, last_date) as all_people_count
    from reached

),

final as (

    select
        period,
        step,
        step_number,
        sessions_count,
        {{ ratio_bp('sessions_count', 'previous_sessions_count') }} as step_share_bp,
        {{ ratio_bp('sessions_count', 'all_sessions_count') }} as overall_share_bp,
        people_count,
        {{ ratio_bp('people_count', 'previous_people_count') }} as person_step_share_bp,
        {{ ratio_bp('people_count', 'all_people_count') }} as person_overall_share_bp,
        last_date
    from compared

)

select * from final
