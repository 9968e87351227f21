-- Grain: one row per period and step of the funnel; periods are each day with a session, and the last funnel_days.
-- A step counts only after the one before it; what bots did is no visit. For the last days people are counted too:
-- the path of a person is that of their sessions one after the other.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

paths as (

    select * from {{ ref('int_recent_visits_summed') }}

),

steps as (

    {% for step in ['visit'] + funnel_steps() | map('first') | list -%}
        select
            '{{ step }}' as step,
            {{ loop.index0 }} as step_number
        {{ 'union all' if not loop.last }}
    {% endfor %}

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
        cast(count(*) as bigint) as people_count,
        {{ as_of_date() }} as last_date
    from paths
    group by funnel_depth

),

reached as (

    select
        counted.period,
        steps.step,
        steps.step_number,
        counted.last_date,
        cast(sum(case when counted.funnel_depth >= steps.step_number then counted.sessions_count else 0 end) as bigint)
            as sessions_count,
        cast(
            sum(counted.people_count * case when counted.funnel_depth >= steps.step_number then 1 else 0 end)
            as bigint
        ) as people_count
    from counted
    cross join steps
    group by counted.period, steps.step, steps.step_number, counted.last_date

),

compared as (

    select
        *,
        max(sessions_count) over (partition by period, last_date) as visits_count,
        lag(sessions_count) over (partition by period, last_date order by step_number) as previous_sessions_count,
        max(people_count) over (partition by period, last_date) as visitors_count,
        lag(people_count) over (partition by period, last_date order by step_number) as previous_people_count
    from reached

),

final as (

    select
        period,
        step,
        step_number,
        sessions_count,
        {{ ratio_bp('sessions_count', 'previous_sessions_count') }} as step_sessions_share_bp,
        {{ ratio_bp('sessions_count', 'visits_count') }} as overall_sessions_share_bp,
        people_count,
        {{ ratio_bp('people_count', 'previous_people_count') }} as step_people_share_bp,
        {{ ratio_bp('people_count', 'visitors_count') }} as overall_people_share_bp,
        last_date
    from compared

)

select * from final
