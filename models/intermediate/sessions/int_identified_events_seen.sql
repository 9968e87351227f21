-- Grain: one row per event by the end of the as-of date that says who it was: a customer id, an e-mail or an order.
with events as (

    select * from {{ ref('int_events_sessionized') }}

),

final as (

    select
        event_id,
        session_key,
        anonymous_id,
        shop_customer_id,
        email,
        order_id,
        occurred_at
    from events
    where
        occurred_at < {{ as_of_end() }}
        and (shop_customer_id is not null or email is not null or order_id is not null)

)

select * from final
