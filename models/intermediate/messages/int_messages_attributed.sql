-- Grain: one row per message, with the person it went to; null where no customer id or address is of one person.
-- Who got it is the exposure: a message that bounced was not got, unless something was done with it all the same.
with messages as (

    select * from {{ ref('int_messages_summed') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

emails as (

    select * from {{ ref('int_emails_resolved') }}

),

final as (

    select
        messages.message_id,
        coalesce(connected.customer_id, emails.customer_id) as customer_id,
        messages.campaign_id,
        messages.channel,
        messages.bounced_at is null
        or coalesce(
            messages.opened_at, messages.clicked_at, messages.unsubscribed_at, messages.complained_at
        ) is not null as is_received,
        {{ local_date('coalesce(messages.sent_at, messages.first_event_at)') }} as sent_date,
        {{ local_date('messages.last_clicked_at') }} as last_clicked_date,
        messages.sent_at,
        messages.delivered_at,
        messages.opened_at,
        messages.machine_opened_at,
        messages.clicked_at,
        messages.unsubscribed_at,
        messages.bounced_at,
        messages.complained_at
    from messages
    left join connected
        on messages.shop_customer_id = connected.shop_customer_id
    left join emails
        on messages.email = emails.email

)

select * from final
