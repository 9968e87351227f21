-- Grain: one row per listed customer: every flag beside the operands that decide it.
-- A flag is null when its question does not apply to the customer or no data could answer it.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

purchases as (

    select * from {{ ref('int_flags_purchases') }}

),

carts as (

    select * from {{ ref('int_flags_carts') }}

),

browsing as (

    select * from {{ ref('int_flags_browsing') }}

),

final as (

    select
        customers.customer_id,
        purchases.allowed_silence_days,
        purchases.discount_window_orders_count,
        purchases.discounted_order_share_bp,
        purchases.full_price_revenue_share_bp,
        purchases.mean_net_revenue_amount,
        carts.carts_count,
        carts.open_carts_count,
        carts.abandoned_carts_count,
        carts.days_since_last_abandoned_cart,
        browsing.sessions_count,
        browsing.sessions_after_registration_count,
        browsing.product_views_count,
        browsing.requests_count,
        browsing.days_since_last_session,
        purchases.is_one_timer,
        purchases.is_repeat_loyal,
        purchases.is_recent_buyer,
        purchases.is_lapsed_buyer,
        carts.is_cart_abandoner,
        purchases.is_high_spender,
        purchases.is_discount_lover,
        browsing.is_registered_browser,
        browsing.is_curious_browser,
        browsing.is_idle
    from customers
    left join purchases
        on customers.customer_id = purchases.customer_id
    left join carts
        on customers.customer_id = carts.customer_id
    left join browsing
        on customers.customer_id = browsing.customer_id

)

select * from final
