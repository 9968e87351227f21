-- Grain: one row per cart that names no order and whose person bought something at or after its start, with the first
-- such order. What was refunded later was bought all the same: a refund does not reopen a cart.
-- An order is the first after a cart if the one before it is not: no cart meets more than one.
with carts as (

    select * from {{ ref('int_carts_summed') }}

),

sessions as (

    select * from {{ ref('int_sessions_attributed') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

followed as (

    select
        order_id,
        customer_id,
        ordered_at,
        lag(ordered_at) over (
            partition by customer_id
            order by ordered_at, order_id
        ) as previous_ordered_at
    from orders
    where is_purchase

),

final as (

    select
        carts.cart_key,
        followed.order_id
    from carts
    inner join sessions
        on carts.session_key = sessions.session_key
    inner join followed
        on sessions.customer_id = followed.customer_id
    where
        carts.order_id is null
        -- Not `<=`: an inequality between carts and orders may be joined first, and pairs all of them by time alone.
        and greatest(carts.started_at, followed.ordered_at) = followed.ordered_at
        and (followed.previous_ordered_at is null or followed.previous_ordered_at < carts.started_at)

)

select * from final
