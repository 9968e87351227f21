{{ config(materialized='view') }}
-- Grain: one row per listed customer: what became of the messages to them. Absence is asked only of those who got some.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

messages as (

    select * from {{ ref('int_customer_messages_summed') }}

),

consents as (

    select * from {{ ref('int_customer_consents_summed') }}

),

sessions as (

    select * from {{ ref('int_customer_sessions_summed') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

operands as (

    select
        customers.customer_id,
        coalesce(messages.recent_emails_received_count, 0) as recent_emails_received_count,
        coalesce(messages.recent_emails_opened_count, 0) as recent_emails_opened_count,
        coalesce(messages.recent_emails_clicked_count, 0) as recent_emails_clicked_count,
        coalesce(sessions.downloads_count, 0) as downloads_count,
        {{ days_since('messages.last_email_click_date') }} as days_since_last_email_click,
        coalesce(consents.is_email_contactable, false) as is_email_contactable,
        coalesce(consents.is_sms_contactable, false) as is_sms_contactable,
        coalesce(consents.is_ads_contactable, false) as is_ads_contactable,
        coalesce(consents.is_profiling_allowed, false) as is_profiling_allowed,
        inputs.has_events,
        inputs.has_messages,
        inputs.has_consents
    from customers
    left join messages
        on customers.customer_id = messages.customer_id
    left join consents
        on customers.customer_id = consents.customer_id
    left join sessions
        on customers.customer_id = sessions.customer_id
    cross join inputs

),

final as (

    select
        customer_id,
        case when has_messages then recent_emails_received_count end as recent_emails_received_count,
        case when has_messages then recent_emails_opened_count end as recent_emails_opened_count,
        case when has_messages then recent_emails_clicked_count end as recent_emails_clicked_count,
        case when has_events then downloads_count end as downloads_count,
        days_since_last_email_click,
        case when has_consents then is_email_contactable end as is_email_contactable,
        case when has_consents then is_sms_contactable end as is_sms_contactable,
        case when has_consents then is_ads_contactable end as is_ads_contactable,
        case when has_consents then is_profiling_allowed end as is_profiling_allowed,
        case
            when has_messages and recent_emails_received_count > 0
                then
                    recent_emails_received_count >= {{ var('email_unengaged_emails_count') }}
                    and coalesce(days_since_last_email_click >= {{ var('email_unengaged_days') }}, true)
        end as is_email_unengaged,
        case
            when has_consents and (has_messages or has_events)
                then
                    is_email_contactable
                    and (
                        downloads_count > 0
                        or coalesce(days_since_last_email_click < {{ var('newsletter_reader_days') }}, false)
                    )
        end as is_newsletter_reader
    from operands

)

select * from final
