-- Grain: one row per cart, with at most one outcome as of the as-of date.
-- The person of a cart is the person of its last event; any counted order of that person since its start closes it.
-- Where no order is known a purchase event does; where none is either, nobody can say that a cart was left.
with carts as (

    select * from {{ ref('int_carts_summed') }}

),

sessions as (

    select * from {{ ref('int_sessions_attributed') }}

),

orders as (

    select * from {{ ref('int_cart_orders_ranked') }}

),

purchases as (

    select * from {{ ref('int_customer_purchases_seen') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

matched as (

    select
        carts.*,
        sessions.customer_id,
        coalesce(carts.order_id, orders.order_id) as closing_order_id,
        coalesce(purchases.last_purchase_at >= carts.started_at, false) as is_purchased,
        inputs.has_orders or inputs.has_purchase_events as has_purchases
    from carts
    inner join sessions
        on carts.session_key = sessions.session_key
    left join orders
        on carts.cart_key = orders.cart_key
    left join purchases
        on sessions.customer_id = purchases.customer_id
    cross join inputs

),

final as (

    select
        md5(cart_key) as cart_key,
        coalesce(cart_id, md5(cart_key)) as cart_id,
        customer_id,
        closing_order_id as order_id,
        case
            when closing_order_id is not null or is_purchased then 'ordered'
            when removed_quantity >= added_quantity then 'emptied'
            when
                {{ us_between('last_activity_at', as_of_end()) }} <= {{ minutes_us(var('cart_grace_minutes')) }}
                then 'open'
            when has_purchases then 'abandoned'
        end as outcome,
        added_quantity,
        removed_quantity,
        cart_amount,
        has_checkout,
        has_payment_error,
        {{ local_date('last_activity_at') }} as last_activity_date,
        started_at,
        last_activity_at
    from matched

)

select * from final
