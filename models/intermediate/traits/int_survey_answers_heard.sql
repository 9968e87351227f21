{{ config(materialized='view') }}
-- Grain: one row per answer of a person to a question that stands for a trait (seeds/survey_traits.csv).
-- What is sensitive (seeds/sensitive_fields.csv) is heard while the person allows profiling for its very purpose, only.
with answers as (

    select * from {{ ref('stg_messaging__survey_answers') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

questions as (

    select * from {{ ref('survey_traits') }}

),

sensitive as (

    select * from {{ ref('sensitive_fields') }}

),

consents as (

    select * from {{ ref('int_consents_resolved') }}

),

final as (

    select
        answers.shop_customer_id,
        connected.customer_id,
        answers.question,
        questions.trait,
        {{ normalised_words('answers.answer') }} as answer,
        answers.answered_at
    from answers
    inner join questions
        on lower(trim(answers.question)) = questions.question
    inner join connected
        on answers.shop_customer_id = connected.shop_customer_id
    left join sensitive
        on questions.trait = sensitive.field
    left join consents
        on
            connected.customer_id = consents.customer_id
            and consents.channel = 'profiling'
            and sensitive.consent_purpose = consents.purpose
    where sensitive.field is null or consents.is_granted

)

select * from final
