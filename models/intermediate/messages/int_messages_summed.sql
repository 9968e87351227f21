-- Grain: one row per message. What a mail program opened on its own is kept apart from what a person opened.
with events as (

    select * from {{ ref('stg_messaging__message_events') }}

),

final as (

    select
        message_id,
        min(shop_customer_id) as shop_customer_id,
        min(campaign_id) as campaign_id,
        min(email) as email,
        min(channel) as channel,
        min(occurred_at) as first_event_at,
        min(case when message_event = 'sent' then occurred_at end) as sent_at,
        min(case when message_event = 'delivered' then occurred_at end) as delivered_at,
        min(case when message_event = 'opened' and not is_machine_open then occurred_at end) as opened_at,
        min(case when message_event = 'opened' and is_machine_open then occurred_at end) as machine_opened_at,
        min(case when message_event = 'clicked' then occurred_at end) as clicked_at,
        max(case when message_event = 'clicked' then occurred_at end) as last_clicked_at,
        min(case when message_event = 'unsubscribed' then occurred_at end) as unsubscribed_at,
        min(case when message_event = 'bounced' then occurred_at end) as bounced_at,
        min(case when message_event = 'complained' then occurred_at end) as complained_at
    from events
    group by message_id

)

select * from final
