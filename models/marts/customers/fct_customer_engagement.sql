-- Grain: one row per listed customer: what the person allows, and what came of messages and offers.
with messages as (

    select * from {{ ref('int_flags_messages') }}

),

offers as (

    select * from {{ ref('int_flags_offers') }}

),

loyalty as (

    select * from {{ ref('int_flags_loyalty') }}

),

final as (

    select
        messages.customer_id,
        messages.recent_emails_received_count,
        messages.recent_emails_opened_count,
        messages.recent_emails_clicked_count,
        messages.downloads_count,
        messages.days_since_last_email_click,
        offers.decided_offers_count,
        offers.redeemed_offers_count,
        loyalty.loyalty_window_orders_count,
        messages.is_email_contactable,
        messages.is_sms_contactable,
        messages.is_ads_contactable,
        messages.is_profiling_allowed,
        loyalty.is_loyalty_member,
        messages.is_email_unengaged,
        messages.is_newsletter_reader,
        offers.is_offer_ignorer,
        loyalty.is_loyalty_candidate
    from messages
    inner join offers
        on messages.customer_id = offers.customer_id
    inner join loyalty
        on messages.customer_id = loyalty.customer_id

)

select * from final
