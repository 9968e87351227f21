{# The columns that decide each flag; the published evidence shows their values. #}
{% macro flag_operands() -%}
    {{ return({
        'one_timer': ['orders_count'],
        'second_order_overdue': ['orders_count', 'days_since_first_order', 'median_second_order_gap_days'],
        'repeat_loyal': ['repeat_window_orders_count', 'days_since_last_order', 'allowed_silence_days'],
        'recent_buyer': ['days_since_last_order'],
        'lapsed_buyer': ['days_since_last_order'],
        'new_customer': ['days_since_first_order', 'purchase_days_count'],
        'returning_customer': ['days_since_last_order', 'purchase_days_count'],
        'regular_customer': ['days_since_first_order', 'orders_count'],
        'cart_abandoner': ['abandoned_carts_count', 'days_since_last_abandoned_cart'],
        'high_spender': ['net_revenue_amount', 'mean_net_revenue_amount'],
        'big_buyer': [
            'buying_window_largest_order_amount', 'large_order_cut_amount', 'buying_window_orders_count',
            'many_orders_cut_count'
        ],
        'discount_lover': ['discount_window_orders_count', 'discounted_order_share_bp', 'full_price_revenue_share_bp'],
        'thrifty_shopper': [
            'buying_window_orders_count', 'order_value_amount', 'low_order_value_cut_amount', 'median_products_bp',
            'view_to_buy_bp', 'median_view_to_buy_bp'
        ],
        'registered_browser': ['sessions_after_registration_count', 'orders_count'],
        'curious_browser': ['days_since_last_session', 'requests_count'],
        'first_visitor': ['days_since_first_session'],
        'returning_visitor': ['sessions_count', 'days_since_last_session'],
        'indecisive_shopper': [
            'quarter_sessions_count', 'quarter_visit_seconds', 'long_visit_cut_seconds',
            'quarter_product_views_count', 'many_views_cut_count', 'orders_per_session_bp', 'few_orders_cut_bp'
        ],
        'idle': ['days_since_last_order', 'days_since_last_session'],
        'email_unengaged': ['recent_emails_received_count', 'days_since_last_email_click'],
        'newsletter_reader': ['is_email_contactable', 'days_since_last_email_click', 'downloads_count'],
        'offer_ignorer': ['decided_offers_count', 'redeemed_offers_count'],
        'loyalty_candidate': ['is_loyalty_member', 'loyalty_window_orders_count'],
        'regular_buyer': ['regular_lines_count'],
        'bulk_buyer': ['bulk_orders_count'],
        'trendy': ['followed_collections_count', 'launched_collections_count'],
        'refill_buyer': ['median_price_percentile_bp'],
        'luxury_buyer': ['median_price_percentile_bp'],
        'premium_payer': ['full_price_revenue_share_bp', 'median_price_percentile_bp'],
        'due_for_replenishment': ['due_products_count'],
        'follow_up_candidate': ['follow_up_category'],
        'struggling_to_check_out': ['latest_checkouts_count', 'latest_payment_errors_count'],
        'ready_to_convert': ['pending_checkouts_count', 'is_discount_lover'],
        'needs_incentive': ['pending_cart_sessions_count', 'is_discount_lover', 'open_cart_amount'],
        'omnichannel': ['sales_channels_count'],
        'wishlist_holder': ['wishlist_products_count'],
        'sale_waiter': ['wishlist_products_count', 'is_discount_lover'],
    }) }}
{%- endmacro %}

{# "column=value, column=value": the operands of a decision in words. #}
{% macro evidence_text(columns) -%}
    {% for column in columns -%}
        '{{ ", " if not loop.first }}{{ column }}=' || coalesce(cast({{ column }} as string), 'none')
        {{- ' || ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
