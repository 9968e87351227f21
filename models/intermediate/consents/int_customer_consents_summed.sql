-- Grain: one row per person who ever said anything about being contacted.
with consents as (

    select * from {{ ref('int_consents_resolved') }}

),

final as (

    select
        customer_id,
        bool_or(channel = 'email' and is_granted) as is_email_contactable,
        bool_or(channel = 'sms' and is_granted) as is_sms_contactable,
        bool_or(channel = 'ads' and is_granted) as is_ads_contactable,
        bool_or(channel = 'profiling' and is_granted) as is_profiling_allowed
    from consents
    group by customer_id

)

select * from final
