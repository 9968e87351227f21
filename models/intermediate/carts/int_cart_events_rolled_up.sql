{{ config(materialized='rollup', meta={'replaces': 'stream_key, event_date'}) }}
-- Grain: one row per event of a cart, or failed payment, whenever it happened.
with events as (

    select * from {{ ref('int_events_restated') }}

),

final as (

    select
        event_id,
        stream_key,
        cart_id,
        order_id,
        product_id,
        event_type,
        slot_number,
        currency,
        quantity,
        value_amount,
        event_date,
        occurred_at
    from events
    where cart_id is not null or is_cart_event or event_type = 'payment_failed'

)

select * from final
