-- Grain: one row per cart.
with events as (

    select * from {{ ref('int_cart_events_seen') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

final as (

    select
        events.cart_key,
        min(events.cart_id) as cart_id,
        {{ last_by('events.session_key', ['events.occurred_at', 'events.event_id']) }} as session_key,
        min(case when orders.is_purchase then events.order_id end) as order_id,
        cast(sum(case when events.event_type = 'add_to_cart' then events.quantity else 0 end) as decimal(18, 3))
            as added_quantity,
        cast(sum(case when events.event_type = 'remove_from_cart' then events.quantity else 0 end) as decimal(18, 3))
            as removed_quantity,
        min(events.occurred_at) as started_at,
        max(events.occurred_at) as last_activity_at
    from events
    left join orders
        on events.order_id = orders.order_id
    group by events.cart_key
    having min(events.cart_id) is not null or {{ count_where("events.event_type = 'add_to_cart'") }} > 0

)

select * from final
