-- Grain: one row per known customer: who the person is, each trait with where it is from and when it was stated.
-- What nobody stated is unknown, a level of its own. What is seen or inferred is marked, and yields to what is stated.
-- Days until a birthday are told when it is near: with an age they would be a date of birth.
with customers as (

    select * from {{ ref('dim_customers') }}

),

stated as (

    select * from {{ ref('int_customer_traits_stated') }}

),

visits as (

    select * from {{ ref('int_customer_visits_characterized') }}

),

spend_powers as (

    select * from {{ ref('int_spend_powers_banded') }}

),

countries as (

    select * from {{ ref('country_words') }}

),

joined as (

    select
        customers.customer_id,
        {{ age_group('stated.age_years', 'stated.age_group') }} as age_group,
        stated.gender,
        stated.income_band,
        stated.occupation,
        stated.marital_status,
        stated.education,
        coalesce(stated.organisation_type, case when stated.is_company_named then 'organisation' end)
            as organisation_type,
        stated.lifestyle,
        customers.home_country,
        visits.first_touch_channel,
        visits.main_device,
        {{ spend_power_band('spend_powers.spend_power_score') }} as spend_power_band,
        case when stated.age_years is null then stated.age_group_source else stated.birth_date_source end
            as age_group_source,
        {% for trait in stated_traits() if trait not in ['age_group', 'organisation_type'] -%}
            stated.{{ trait }}_source,
        {% endfor -%}
        case when stated.organisation_type is null then 'inferred' else stated.organisation_type_source end
            as organisation_type_source,
        customers.home_country_source,
        'visits' as first_touch_channel_source,
        'visits' as main_device_source,
        'inferred' as spend_power_band_source,
        visits.visit_country,
        visits.visit_region,
        case when countries.is_southern then 'south' when not countries.is_southern then 'north' end
            as home_hemisphere,
        stated.age_years,
        case
            when stated.days_until_birthday < {{ var('birthday_soon_days') }} then stated.days_until_birthday
        end as days_until_birthday,
        spend_powers.spend_power_score,
        spend_powers.median_unit_price_amount,
        stated.days_until_birthday < {{ var('birthday_soon_days') }} as is_birthday_soon,
        visits.is_app_user,
        case when stated.age_years is null then stated.age_group_stated_date else stated.birth_date_stated_date end
            as age_group_stated_date
        {% for trait in stated_traits() if trait != 'age_group' -%}
            , stated.{{ trait }}_stated_date
        {%- endfor %}
    from customers
    left join stated
        on customers.customer_id = stated.customer_id
    left join visits
        on customers.customer_id = visits.customer_id
    left join spend_powers
        on customers.customer_id = spend_powers.customer_id
    left join countries
        on lower(trim(customers.home_country)) = countries.country_word
    where customers.customer_kind <> 'anonymous'

),

final as (

    select
        customer_id,
        {% for trait in all_traits() -%}
            coalesce({{ trait }}, 'unknown') as {{ trait }},
        {% endfor -%}
        {% for trait in all_traits() -%}
            case when {{ trait }} is null then 'unknown' else {{ trait }}_source end as {{ trait }}_source,
        {% endfor -%}
        visit_country,
        visit_region,
        coalesce(home_hemisphere, 'unknown') as home_hemisphere,
        {{ content_variant('gender') }} as content_variant,
        age_years,
        days_until_birthday,
        spend_power_score,
        median_unit_price_amount,
        {% for trait in all_traits() -%}
            case when {{ trait }} is null then 0 else 1 end {{ '+ ' if not loop.last }}
        {%- endfor %} as known_traits_count,
        {% for trait in stated_traits() -%}
            case when {{ trait }} is not null then {{ trait }}_stated_date end as {{ trait }}_stated_date,
        {% endfor -%}
        is_birthday_soon,
        is_app_user,
        organisation_type <> 'individual' as is_organisation
    from joined

)

select * from final
