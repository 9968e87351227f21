-- Grain: one row per session in which somebody logged in or ordered, with the first who did.
with events as (

    select * from {{ ref('int_identified_events_seen') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

emails as (

    select * from {{ ref('int_emails_resolved') }}

),

orders as (

    select * from {{ ref('int_orders_attributed') }}

),

identified as (

    select
        events.session_key,
        events.event_id,
        events.occurred_at,
        coalesce(
            connected.customer_id,
            emails.customer_id,
            case when orders.is_identified then orders.customer_id end
        ) as customer_id
    from events
    left join connected
        on events.shop_customer_id = connected.shop_customer_id
    left join emails
        on events.email = emails.email
    left join orders
        on events.order_id = orders.order_id

),

final as (

    select
        session_key,
        {{ first_by('customer_id', ['occurred_at', 'event_id']) }} as customer_id
    from identified
    where customer_id is not null
    group by session_key

)

select * from final
