{{ config(materialized='view') }}
-- Grain: one row per listed customer and flag; a view, so that it costs nothing until asked.
with behaviors as (

    select * from {{ ref('fct_customer_behaviors') }}

),

orders as (

    select * from {{ ref('fct_customer_orders') }}

),

engagement as (

    select * from {{ ref('fct_customer_engagement') }}

),

journey as (

    select * from {{ ref('fct_customer_journey') }}

),

preferences as (

    select * from {{ ref('fct_customer_preferences') }}

),

operands as (

    select
        behaviors.*,
        engagement.recent_emails_received_count,
        engagement.days_since_last_email_click,
        engagement.downloads_count,
        engagement.decided_offers_count,
        engagement.redeemed_offers_count,
        engagement.is_email_contactable,
        engagement.is_email_unengaged,
        engagement.is_newsletter_reader,
        engagement.loyalty_window_orders_count,
        engagement.is_loyalty_member,
        engagement.is_offer_ignorer,
        engagement.is_loyalty_candidate,
        {% for column in ['pending_cart_sessions', 'pending_checkouts', 'latest_checkouts', 'latest_payment_errors'] -%}
            journey.{{ column }}_count,
        {% endfor -%}
        journey.sales_channels_count,
        journey.wishlist_products_count,
        {% for flag in [
            'struggling_to_check_out', 'ready_to_convert', 'needs_incentive', 'omnichannel', 'wishlist_holder', 'sale_waiter'
        ] -%}
            journey.is_{{ flag }},
        {% endfor -%}
        preferences.follow_up_category,
        preferences.regular_lines_count,
        preferences.bulk_orders_count,
        preferences.launched_collections_count,
        preferences.followed_collections_count,
        preferences.median_price_percentile_bp,
        preferences.due_products_count,
        preferences.is_regular_buyer,
        preferences.is_bulk_buyer,
        preferences.is_trendy,
        preferences.is_refill_buyer,
        preferences.is_luxury_buyer,
        preferences.is_premium_payer,
        preferences.is_due_for_replenishment,
        preferences.is_follow_up_candidate,
        orders.orders_count,
        orders.purchase_days_count,
        orders.net_revenue_amount,
        orders.days_since_first_order,
        orders.days_since_last_order
    from behaviors
    inner join engagement
        on behaviors.customer_id = engagement.customer_id
    inner join journey
        on behaviors.customer_id = journey.customer_id
    left join preferences
        on behaviors.customer_id = preferences.customer_id
    left join orders
        on behaviors.customer_id = orders.customer_id

),

final as (

    {% for flag, columns in flag_operands().items() %}
        select
            customer_id,
            '{{ flag }}' as flag,
            is_{{ flag }} as is_set,
            {{ evidence_text(columns) }} as evidence
        from operands
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
