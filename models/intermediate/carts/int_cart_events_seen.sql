-- Grain: one row per event of a cart by the end of the as-of date.
-- A cart is a cart id, else the cart events of one session.
with events as (

    select * from {{ ref('int_events_sessionized') }}

),

final as (

    select
        event_id,
        coalesce('c:' || cart_id, 's:' || session_key) as cart_key,
        session_key,
        cart_id,
        order_id,
        event_type,
        coalesce(quantity, 1) as quantity,
        occurred_at
    from events
    where
        occurred_at < {{ as_of_end() }}
        and (cart_id is not null or is_cart_event)

)

select * from final
