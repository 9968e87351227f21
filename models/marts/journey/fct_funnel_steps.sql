{{ config(materialized='view') }}
-- Grain: one row per session and step of the funnel that it reached, every step after the one before it.
-- A view, so that it costs nothing until asked. What bots did is no visit.
{% set steps = ['visit'] + funnel_steps() | map('first') | list -%}
with sessions as (

    select * from {{ ref('fct_sessions') }}

),

final as (

    {% for step in steps %}
        select
            session_key,
            session_id,
            customer_id,
            '{{ step }}' as step,
            exit_page,
            {{ loop.index0 }} as step_number,
            {{ "coalesce(funnel_step, 'visit') = '" ~ step ~ "'" }} as is_last_step,
            session_date
        from sessions
        where
            not is_bot
            {% if not loop.first -%}
                and funnel_step in (
                    {%- for later in steps[loop.index0:] %}
                        '{{ later }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
            {%- endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
