{{ config(materialized='view') }}
-- Grain: one row per known customer and trait that is known; a view, so that it costs nothing until asked.
with traits as (

    select * from {{ ref('fct_customer_traits') }}

),

engagement as (

    select * from {{ ref('fct_customer_engagement') }}

),

joined as (

    select
        traits.*,
        engagement.is_profiling_allowed
    from traits
    inner join engagement
        on traits.customer_id = engagement.customer_id

),

final as (

    {% for trait in all_traits() %}
        select
            customer_id,
            '{{ trait }}' as trait,
            {{ trait }} as trait_value,
            {{ trait }}_source as trait_source,
            is_profiling_allowed as is_consent_given,
            {{ trait ~ '_stated_date' if trait in stated_traits() else 'cast(null as date)' }} as stated_date
        from joined
        where {{ trait }} <> 'unknown'
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
