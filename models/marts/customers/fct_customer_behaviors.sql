-- Grain: one row per listed customer: every flag beside the operands that decide it.
-- A flag is null when its question does not apply to the customer or no data could answer it.
with visits as (

    select * from {{ ref('int_flags_visits') }}

),

purchases as (

    select * from {{ ref('int_flags_purchases') }}

),

habits as (

    select * from {{ ref('int_flags_habits') }}

),

carts as (

    select * from {{ ref('int_flags_carts') }}

),

browsing as (

    select * from {{ ref('int_flags_browsing') }}

),

final as (

    select
        visits.customer_id,
        habits.buyer_frequency,
        habits.order_frequency,
        habits.price_habit,
        purchases.repeat_window_orders_count,
        purchases.allowed_silence_days,
        purchases.discount_window_orders_count,
        purchases.discounted_order_share_bp,
        purchases.full_price_revenue_share_bp,
        purchases.mean_net_revenue_amount,
        purchases.median_net_revenue_amount,
        habits.buying_window_orders_count,
        habits.orders_per_month_bp,
        habits.buying_window_largest_order_amount,
        habits.order_value_amount,
        habits.median_products_bp,
        habits.view_to_buy_bp,
        habits.large_order_cut_amount,
        habits.many_orders_cut_count,
        habits.low_order_value_cut_amount,
        habits.median_view_to_buy_bp,
        habits.median_second_order_gap_days,
        habits.order_value_score,
        carts.carts_count,
        carts.open_carts_count,
        carts.abandoned_carts_count,
        carts.days_since_last_abandoned_cart,
        carts.open_cart_amount,
        carts.open_cart_score,
        browsing.sessions_count,
        browsing.sessions_after_registration_count,
        browsing.product_views_count,
        browsing.requests_count,
        browsing.days_since_last_session,
        visits.month_cart_adds_count,
        visits.month_category_views_count,
        visits.month_product_views_count,
        visits.quarter_cart_adds_count,
        visits.quarter_category_views_count,
        visits.quarter_product_views_count,
        visits.quarter_sessions_count,
        visits.quarter_visit_seconds,
        visits.orders_per_session_bp,
        visits.long_visit_cut_seconds,
        visits.many_views_cut_count,
        visits.few_orders_cut_bp,
        visits.days_since_last_cart_add,
        visits.days_since_last_category_view,
        visits.days_since_last_product_view,
        visits.days_since_first_session,
        purchases.is_one_timer,
        habits.is_second_order_overdue,
        purchases.is_repeat_loyal,
        purchases.is_recent_buyer,
        purchases.is_lapsed_buyer,
        habits.is_new_customer,
        habits.is_returning_customer,
        habits.is_regular_customer,
        carts.is_cart_abandoner,
        purchases.is_high_spender,
        habits.is_big_buyer,
        purchases.is_discount_lover,
        habits.is_thrifty_shopper,
        browsing.is_registered_browser,
        browsing.is_curious_browser,
        visits.is_first_visitor,
        visits.is_returning_visitor,
        visits.is_indecisive_shopper,
        browsing.is_idle
    from visits
    left join purchases
        on visits.customer_id = purchases.customer_id
    left join habits
        on visits.customer_id = habits.customer_id
    left join carts
        on visits.customer_id = carts.customer_id
    left join browsing
        on visits.customer_id = browsing.customer_id

)

select * from final
