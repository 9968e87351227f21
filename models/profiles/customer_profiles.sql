-- Grain: one row per listed customer: everything that a segment rule may read.
with customers as (

    select * from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('fct_customer_orders') }}

),

rfm as (

    select * from {{ ref('fct_customer_rfm') }}

),

lifecycle as (

    select * from {{ ref('fct_customer_lifecycle') }}

),

behaviors as (

    select * from {{ ref('fct_customer_behaviors') }}

),

engagement as (

    select * from {{ ref('fct_customer_engagement') }}

),

traits as (

    select * from {{ ref('fct_customer_traits') }}

),

preferences as (

    select * from {{ ref('fct_customer_preferences') }}

),

journey as (

    select * from {{ ref('fct_customer_journey') }}

),

final as (

    select
        customers.customer_id,
        preferences.last_product_id,
        customers.customer_kind,
        customers.home_country,
        customers.home_region,
        customers.home_country_source,
        customers.acquisition_channel,
        coalesce(traits.age_group, 'unknown') as age_group,
        coalesce(traits.gender, 'unknown') as gender,
        coalesce(traits.income_band, 'unknown') as income_band,
        coalesce(traits.occupation, 'unknown') as occupation,
        coalesce(traits.marital_status, 'unknown') as marital_status,
        coalesce(traits.education, 'unknown') as education,
        coalesce(traits.organisation_type, 'unknown') as organisation_type,
        coalesce(traits.lifestyle, 'unknown') as lifestyle,
        coalesce(traits.first_touch_channel, 'unknown') as first_touch_channel,
        coalesce(traits.main_device, 'unknown') as main_device,
        coalesce(traits.spend_power_band, 'unknown') as spend_power_band,
        coalesce(traits.organisation_type_source, 'unknown') as organisation_type_source,
        traits.visit_country,
        coalesce(traits.home_hemisphere, 'unknown') as home_hemisphere,
        coalesce(traits.content_variant, 'everyone') as content_variant,
        lifecycle.lifecycle_stage,
        lifecycle.personal_stage,
        rfm.rfm_code,
        {{ rfm_segment_of('rfm.rfm_segment', 'customers.customer_kind') }} as rfm_segment,
        journey.funnel_step,
        journey.journey_step,
        journey.purchase_readiness,
        journey.sales_channels,
        journey.wishlist_motive,
        preferences.dominant_category,
        preferences.main_product_line,
        preferences.product_lines,
        preferences.loyal_line,
        preferences.main_interest,
        preferences.life_stage,
        preferences.follow_up_category,
        behaviors.buyer_frequency,
        behaviors.order_frequency,
        behaviors.price_habit,
        customers.customer_ids_count,
        coalesce(orders.orders_count, 0) as orders_count,
        coalesce(orders.placed_orders_count, 0) as placed_orders_count,
        cast(coalesce(orders.gross_amount, 0) as decimal(18, 2)) as gross_amount,
        cast(coalesce(orders.refund_amount, 0) as decimal(18, 2)) as refund_amount,
        cast(coalesce(orders.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
        coalesce(orders.purchase_days_count, 0) as purchase_days_count,
        orders.full_price_orders_count,
        orders.promotion_orders_count,
        orders.full_price_revenue_amount,
        orders.promotion_revenue_amount,
        orders.average_order_amount,
        orders.median_order_amount,
        orders.largest_order_amount,
        cast(coalesce(orders.recent_spend_amount, 0) as decimal(18, 2)) as recent_spend_amount,
        cast(coalesce(orders.previous_spend_amount, 0) as decimal(18, 2)) as previous_spend_amount,
        orders.spend_trend_bp,
        orders.median_gap_days,
        orders.gap_spread_days,
        orders.last_gap_days,
        behaviors.mean_net_revenue_amount,
        behaviors.median_net_revenue_amount,
        behaviors.buying_window_orders_count,
        behaviors.orders_per_month_bp,
        behaviors.buying_window_largest_order_amount,
        behaviors.order_value_amount,
        behaviors.median_products_bp,
        behaviors.view_to_buy_bp,
        behaviors.large_order_cut_amount,
        behaviors.many_orders_cut_count,
        behaviors.low_order_value_cut_amount,
        behaviors.median_view_to_buy_bp,
        behaviors.median_second_order_gap_days,
        behaviors.order_value_score,
        orders.days_since_first_order,
        orders.days_since_last_order,
        lifecycle.days_since_last_activity,
        traits.age_years,
        traits.days_until_birthday,
        traits.spend_power_score,
        traits.known_traits_count,
        lifecycle.silence_to_rhythm_bp,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.frequency_monetary_score,
        behaviors.repeat_window_orders_count,
        behaviors.allowed_silence_days,
        behaviors.discount_window_orders_count,
        behaviors.discounted_order_share_bp,
        behaviors.full_price_revenue_share_bp,
        behaviors.carts_count,
        behaviors.open_carts_count,
        behaviors.abandoned_carts_count,
        behaviors.days_since_last_abandoned_cart,
        behaviors.open_cart_amount,
        behaviors.open_cart_score,
        behaviors.sessions_count,
        behaviors.sessions_after_registration_count,
        behaviors.requests_count,
        behaviors.product_views_count,
        behaviors.days_since_last_session,
        behaviors.month_cart_adds_count,
        behaviors.month_category_views_count,
        behaviors.month_product_views_count,
        behaviors.quarter_cart_adds_count,
        behaviors.quarter_category_views_count,
        behaviors.quarter_product_views_count,
        behaviors.quarter_sessions_count,
        behaviors.quarter_visit_seconds,
        behaviors.orders_per_session_bp,
        behaviors.long_visit_cut_seconds,
        behaviors.many_views_cut_count,
        behaviors.few_orders_cut_bp,
        behaviors.days_since_last_cart_add,
        behaviors.days_since_last_category_view,
        behaviors.days_since_last_product_view,
        behaviors.days_since_first_session,
        engagement.recent_emails_received_count,
        engagement.recent_emails_opened_count,
        engagement.recent_emails_clicked_count,
        engagement.downloads_count,
        engagement.days_since_last_email_click,
        engagement.decided_offers_count,
        engagement.redeemed_offers_count,
        engagement.loyalty_window_orders_count,
        journey.sales_channels_count,
        journey.idle_sessions_count,
        journey.pending_cart_sessions_count,
        journey.pending_checkouts_count,
        journey.latest_checkouts_count,
        journey.latest_payment_errors_count,
        journey.wishlist_products_count,
        journey.compared_products_count,
        journey.days_since_last_wish,
        preferences.top_category_share_bp,
        preferences.regular_lines_count,
        preferences.bulk_orders_count,
        preferences.median_paid_share_bp,
        preferences.median_price_percentile_bp,
        preferences.first_purchase_share_bp,
        preferences.refunded_order_share_bp,
        preferences.launched_collections_count,
        preferences.followed_collections_count,
        preferences.due_products_count,
        preferences.interests_count,
        customers.is_registered,
        traits.is_birthday_soon,
        traits.is_app_user,
        traits.is_organisation,
        lifecycle.is_first_order_uncertain,
        engagement.is_email_contactable,
        engagement.is_sms_contactable,
        engagement.is_ads_contactable,
        engagement.is_profiling_allowed,
        engagement.is_loyalty_member,
        behaviors.is_one_timer,
        behaviors.is_second_order_overdue,
        behaviors.is_repeat_loyal,
        behaviors.is_recent_buyer,
        behaviors.is_lapsed_buyer,
        behaviors.is_new_customer,
        behaviors.is_returning_customer,
        behaviors.is_regular_customer,
        behaviors.is_cart_abandoner,
        behaviors.is_high_spender,
        behaviors.is_big_buyer,
        behaviors.is_discount_lover,
        behaviors.is_thrifty_shopper,
        behaviors.is_registered_browser,
        behaviors.is_curious_browser,
        behaviors.is_first_visitor,
        behaviors.is_returning_visitor,
        behaviors.is_indecisive_shopper,
        behaviors.is_idle,
        engagement.is_email_unengaged,
        engagement.is_newsletter_reader,
        engagement.is_offer_ignorer,
        engagement.is_loyalty_candidate,
        journey.is_struggling_to_check_out,
        journey.is_ready_to_convert,
        journey.is_needs_incentive,
        journey.is_omnichannel,
        journey.is_wishlist_holder,
        journey.is_sale_waiter,
        preferences.is_regular_buyer,
        preferences.is_bulk_buyer,
        preferences.is_trendy,
        preferences.is_refill_buyer,
        preferences.is_luxury_buyer,
        preferences.is_premium_payer,
        preferences.is_due_for_replenishment,
        preferences.is_follow_up_candidate,
        customers.first_seen_date,
        customers.last_activity_date,
        customers.registered_date,
        orders.first_order_date,
        orders.last_order_date,
        lifecycle.stage_entered_date
    from customers
    left join orders
        on customers.customer_id = orders.customer_id
    left join rfm
        on customers.customer_id = rfm.customer_id
    left join lifecycle
        on customers.customer_id = lifecycle.customer_id
    left join behaviors
        on customers.customer_id = behaviors.customer_id
    left join engagement
        on customers.customer_id = engagement.customer_id
    left join traits
        on customers.customer_id = traits.customer_id
    left join preferences
        on customers.customer_id = preferences.customer_id
    left join journey
        on customers.customer_id = journey.customer_id

)

select * from final
