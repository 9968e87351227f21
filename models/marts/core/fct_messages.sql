-- Grain: one row per message. Whether it was opened or clicked is asked only where it was got.
with messages as (

    select * from {{ ref('int_messages_attributed') }}

),

final as (

    select
        message_id,
        customer_id,
        campaign_id,
        channel,
        is_received,
        case when is_received then opened_at is not null end as is_opened,
        case when is_received then opened_at is null and machine_opened_at is not null end as is_machine_open_only,
        case when is_received then clicked_at is not null end as is_clicked,
        unsubscribed_at is not null as is_unsubscribed,
        bounced_at is not null as is_bounced,
        complained_at is not null as is_complained,
        sent_date,
        sent_at,
        delivered_at,
        opened_at,
        machine_opened_at,
        clicked_at,
        unsubscribed_at,
        bounced_at,
        complained_at
    from messages

)

select * from final
