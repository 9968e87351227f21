{{ config(materialized='rollup', meta={'replaces': 'stream_key, event_date'}) }}
-- Grain: one row per event that says who it was, whenever it happened: a customer id, an e-mail or an order.
with events as (

    select * from {{ ref('int_events_restated') }}

),

final as (

    select
        event_id,
        stream_key,
        anonymous_id,
        shop_customer_id,
        email,
        order_id,
        slot_number,
        event_date,
        occurred_at
    from events
    where shop_customer_id is not null or email is not null or order_id is not null

)

select * from final
