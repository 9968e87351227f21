-- Grain: one row per session during which an identified order was placed on the same device, with the first of them.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

orders as (

    select * from {{ ref('int_orders_attributed') }}

),

final as (

    select
        sessions.session_key,
        {{ first_by('orders.customer_id', ['orders.ordered_at', 'orders.order_id']) }} as customer_id
    from sessions
    inner join orders
        on
            sessions.anonymous_id = orders.anonymous_id
            and sessions.started_at <= orders.ordered_at
            and sessions.ended_at >= orders.ordered_at
    where orders.is_identified
    group by sessions.session_key

)

select * from final
