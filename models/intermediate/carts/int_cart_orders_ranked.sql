-- Grain: one row per cart whose person bought something at or after its start, with the first such order.
-- What was refunded later was bought all the same: a refund does not reopen a cart.
with carts as (

    select * from {{ ref('int_carts_summed') }}

),

sessions as (

    select * from {{ ref('int_sessions_attributed') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

ranked as (

    select
        carts.cart_key,
        orders.order_id,
        row_number() over (
            partition by carts.cart_key
            order by orders.ordered_at, orders.order_id
        ) as order_rank
    from carts
    inner join sessions
        on carts.session_key = sessions.session_key
    inner join orders
        on
            sessions.customer_id = orders.customer_id
            and carts.started_at <= orders.ordered_at
    where orders.is_purchase

),

final as (

    select
        cart_key,
        order_id
    from ranked
    where order_rank = 1

)

select * from final
