-- Grain: one row per session during which an identified order was placed on the same device, with the first of them.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

orders as (

    select * from {{ ref('int_orders_attributed') }}

),

ranked as (

    select
        sessions.session_key,
        orders.customer_id,
        row_number() over (
            partition by sessions.session_key
            order by orders.ordered_at, orders.order_id
        ) as order_rank
    from sessions
    inner join orders
        on
            sessions.anonymous_id = orders.anonymous_id
            and sessions.started_at <= orders.ordered_at
            and sessions.ended_at >= orders.ordered_at
    where orders.is_identified

),

final as (

    select
        session_key,
        customer_id
    from ranked
    where order_rank = 1

)

select * from final
