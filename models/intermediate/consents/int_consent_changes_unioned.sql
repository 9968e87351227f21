-- Grain: one row per change of what a person allows. An empty purpose is all purposes of the channel.
-- Who unsubscribes from a message or complains of it withdraws the channel.
with consents as (

    select * from {{ ref('stg_messaging__consents') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

emails as (

    select * from {{ ref('int_emails_resolved') }}

),

messages as (

    select * from {{ ref('int_messages_attributed') }}

),

stated as (

    select
        coalesce(connected.customer_id, emails.customer_id) as customer_id,
        consents.channel,
        coalesce(consents.purpose, '') as purpose,
        consents.is_granted,
        consents.changed_at
    from consents
    left join connected
        on consents.shop_customer_id = connected.shop_customer_id
    left join emails
        on consents.email = emails.email

),

final as (

    select
        customer_id,
        channel,
        purpose,
        is_granted,
        changed_at
    from stated
    where customer_id is not null
    union all
    select
        customer_id,
        channel,
        '' as purpose,
        false as is_granted,
        greatest(unsubscribed_at, complained_at) as changed_at
    from messages
    where customer_id is not null and coalesce(unsubscribed_at, complained_at) is not null

)

select * from final
