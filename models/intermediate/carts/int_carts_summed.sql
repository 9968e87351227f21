-- Grain: one row per cart.
with events as (

    select * from {{ ref('int_cart_events_seen') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

ranked as (

    select
        events.*,
        coalesce(orders.is_purchase, false) as has_order,
        row_number() over (
            partition by events.cart_key
            order by events.occurred_at desc, events.event_id desc
        ) as recency_rank
    from events
    left join orders
        on events.order_id = orders.order_id

),

final as (

    select
        cart_key,
        min(cart_id) as cart_id,
        max(case when recency_rank = 1 then session_key end) as session_key,
        min(case when has_order then order_id end) as order_id,
        cast(sum(case when event_type = 'add_to_cart' then quantity else 0 end) as decimal(18, 3)) as added_quantity,
        cast(sum(case when event_type = 'remove_from_cart' then quantity else 0 end) as decimal(18, 3))
            as removed_quantity,
        min(occurred_at) as started_at,
        max(occurred_at) as last_activity_at
    from ranked
    group by cart_key
    having min(cart_id) is not null or {{ count_where("event_type = 'add_to_cart'") }} > 0

)

select * from final
