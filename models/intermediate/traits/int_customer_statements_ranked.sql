{{ config(materialized='view') }}
-- Grain: one row per time that a person said something about themselves, in an account or in a survey; later is higher.
with accounts as (

    select * from {{ ref('stg_shop__customer_statements') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

answers as (

    select * from {{ ref('int_survey_answers_heard') }}

),

stated as (

    select
        connected.customer_id,
        'customers|' || accounts.shop_customer_id || '|' || accounts.source as statement_key,
        'customers' as said_in,
        {% for trait in stated_traits() -%}
            {{ 'accounts.' ~ trait if trait in account_traits() else 'cast(null as string)' }} as {{ trait }},
        {% endfor -%}
        accounts.is_company_named,
        accounts.birth_date,
        accounts.stated_at
    from accounts
    inner join connected
        on accounts.shop_customer_id = connected.shop_customer_id
    union all
    select
        customer_id,
        'survey|' || shop_customer_id || '|' || question as statement_key,
        'survey' as said_in,
        {% for trait in stated_traits() -%}
            case when trait = '{{ trait }}' then answer end as {{ trait }},
        {% endfor -%}
        false as is_company_named,
        cast(null as date) as birth_date,
        answered_at as stated_at
    from answers

),

final as (

    select
        customer_id,
        said_in,
        {% for trait in stated_traits() -%}
            {{ trait }},
        {% endfor -%}
        is_company_named,
        row_number() over (
            partition by customer_id
            order by stated_at nulls first, statement_key
        ) as statement_number,
        birth_date,
        {{ local_date('stated_at') }} as stated_date
    from stated

)

select * from final
