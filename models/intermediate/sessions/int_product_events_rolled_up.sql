{{ config(materialized='rollup', meta={'replaces': 'stream_key, event_date'}) }}
-- Grain: one row per stream, local day, slot and product that was looked at, wished for or put into a cart.
with events as (

    select * from {{ ref('int_events_restated') }}

),

final as (

    select
        stream_key,
        product_id,
        slot_number,
        {{ count_where("event_type = 'product_view'") }} as views_count,
        {{ count_where("event_type = 'add_to_cart'") }} as cart_adds_count,
        event_date,
        max(case when event_type = 'wishlist_add' then occurred_at end) as last_wished_at,
        max(case when event_type = 'wishlist_remove' then occurred_at end) as last_unwished_at
    from events
    where
        product_id is not null
        and event_type in ('product_view', 'add_to_cart', 'wishlist_add', 'wishlist_remove')
        and {{ is_in_bucket('stream_key') }}
    group by stream_key, product_id, slot_number, event_date

)

select * from final
