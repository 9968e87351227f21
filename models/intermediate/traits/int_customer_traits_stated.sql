-- Grain: one row per person who said anything about themselves: the latest word on each trait.
-- Shops spell some traits in many ways; a word that nobody knows, or that declines to answer, says nothing.
with statements as (

    select * from {{ ref('int_customer_statements_ranked') }}

),

words as (

    select * from {{ ref('trait_words') }}

),

latest as (

    select
        customer_id,
        {% for trait in stated_traits() + ['birth_date'] -%}
            {% for column, name in [(trait, ''), ('said_in', '_source'), ('stated_date', '_stated_date')] -%}
                max_by({{ column }}, case when {{ trait }} is not null then statement_number end)
                    as {{ trait ~ name }},
            {% endfor -%}
        {% endfor -%}
        bool_or(is_company_named) as is_company_named
    from statements
    group by customer_id

),

aged as (

    select
        *,
        {{ age_years('birth_date') }} as age_years,
        {{ days_until_birthday('birth_date') }} as days_until_birthday
    from latest

),

final as (

    select
        aged.customer_id,
        genders.meaning as gender,
        organisations.meaning as organisation_type,
        {% for trait in stated_traits() if trait not in ['gender', 'organisation_type'] -%}
            aged.{{ trait }},
        {% endfor -%}
        {% for trait in stated_traits() + ['birth_date'] -%}
            aged.{{ trait }}_source,
        {% endfor -%}
        aged.age_years,
        case when aged.age_years is not null then aged.days_until_birthday end as days_until_birthday,
        {% for trait in stated_traits() + ['birth_date'] -%}
            aged.{{ trait }}_stated_date,
        {% endfor -%}
        aged.is_company_named
    from aged
    left join words as genders
        on genders.trait = 'gender' and aged.gender = genders.word
    left join words as organisations
        on organisations.trait = 'organisation_type' and aged.organisation_type = organisations.word

)

select * from final
