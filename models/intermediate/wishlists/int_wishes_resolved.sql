-- Grain: one row per person, known or not, and product ever put on a wishlist, with whether it is wished for still.
-- A wish ends when it is taken back after it was last made, or bought at that moment or later: what was bought before
-- is wished for again.
with events as (

    select * from {{ ref('int_product_events_rolled_up') }}

),

slot_sessions as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

order_products as (

    select * from {{ ref('int_order_products_summed') }}

),

wished as (

    select
        attributed.customer_id,
        events.product_id,
        max(case when events.last_wished_at is not null then events.event_date end) as last_wished_date,
        max(events.last_wished_at) as last_wished_at,
        max(events.last_unwished_at) as last_unwished_at
    from events
    inner join slot_sessions
        on
            events.stream_key = slot_sessions.stream_key
            and events.slot_number = slot_sessions.slot_number
            and events.event_date = slot_sessions.event_date
    inner join sessions
        on slot_sessions.session_key = sessions.session_key
    inner join attributed
        on slot_sessions.session_key = attributed.session_key
    where
        events.event_date <= {{ as_of_date() }}
        and (events.last_wished_at is not null or events.last_unwished_at is not null)
        and not sessions.is_bot
    group by attributed.customer_id, events.product_id
    having max(events.last_wished_at) is not null

),

final as (

    select
        wished.customer_id,
        wished.product_id,
        coalesce(wished.last_unwished_at <= wished.last_wished_at, true)
        and coalesce(order_products.ordered_at < wished.last_wished_at, true) as is_active,
        wished.last_wished_date,
        wished.last_wished_at
    from wished
    left join order_products
        on
            wished.customer_id = order_products.customer_id
            and wished.product_id = order_products.product_id
            and order_products.is_latest

)

select * from final
