-- Grain: one row per cart.
-- A cart is worth what its events say, else what its products cost now; null where anything in it is of unknown
-- worth, as in another currency: money is converted in orders only. A step without a cart id is that of its session.
with events as (

    select * from {{ ref('int_cart_events_seen') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

products as (

    select * from {{ ref('stg_shop__products') }}

),

session_steps as (

    select
        session_key,
        max(case when event_type = 'checkout_started' then occurred_at end) as last_checkout_at,
        max(case when event_type = 'payment_failed' then occurred_at end) as last_payment_error_at
    from events
    where cart_id is null
    group by session_key

),

valued as (

    select
        events.*,
        orders.order_id as purchase_id,
        case when events.event_type = 'add_to_cart' then events.quantity else 0 end as added_quantity,
        case when events.event_type = 'remove_from_cart' then events.quantity else 0 end as removed_quantity,
        {{ exact(
            'coalesce(case when ' ~ is_in_shop_currency('events.currency') ~ ' then events.value_amount end, case when '
            ~ is_in_shop_currency('products.currency') ~ ' then events.quantity * products.list_price end)'
        ) }} as worth_amount
    from events
    left join orders
        on events.order_id = orders.order_id and orders.is_purchase
    left join products
        on events.product_id = products.product_id
    where events.cart_id is not null or events.event_type <> 'payment_failed'

),

summed as (

    select
        cart_key,
        min(cart_id) as cart_id,
        {{ last_by('session_key', ['occurred_at', 'event_id']) }} as session_key,
        min(purchase_id) as order_id,
        cast(sum(added_quantity) as decimal(18, 3)) as added_quantity,
        cast(sum(removed_quantity) as decimal(18, 3)) as removed_quantity,
        {{ sum_exact("case when event_type = 'add_to_cart' then worth_amount end") }}
        - {{ sum_exact("case when event_type = 'remove_from_cart' then worth_amount end") }} as worth_amount,
        {{ count_where('worth_amount is null and added_quantity + removed_quantity > 0') }} = 0 as is_worth_known,
        min(occurred_at) as started_at,
        max(occurred_at) as last_activity_at,
        max(case when event_type = 'checkout_started' then occurred_at end) as last_checkout_at,
        max(case when event_type = 'payment_failed' then occurred_at end) as last_payment_error_at
    from valued
    group by cart_key
    having min(cart_id) is not null or {{ count_where("event_type = 'add_to_cart'") }} > 0

),

final as (

    select
        summed.cart_key,
        summed.cart_id,
        summed.session_key,
        summed.order_id,
        summed.added_quantity,
        summed.removed_quantity,
        {{ money('case when summed.is_worth_known then greatest(summed.worth_amount, 0) end') }} as cart_amount,
        coalesce(greatest(summed.last_checkout_at, session_steps.last_checkout_at) >= summed.started_at, false)
            as has_checkout,
        coalesce(
            greatest(summed.last_payment_error_at, session_steps.last_payment_error_at) >= summed.started_at, false
        ) as has_payment_error,
        summed.started_at,
        summed.last_activity_at
    from summed
    left join session_steps
        on summed.session_key = session_steps.session_key

)

select * from final
