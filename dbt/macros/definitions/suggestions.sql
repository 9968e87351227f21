{# What the shop's own data can say of thresholds. #}

{# What is observed: in which table of rpt_threshold_suggestions, which whole number, of which rows. #}
{% macro observed_measures() -%}
    {{ return({
        'gaps between purchase days': ('purchase_days', 'gap_days', 'gap_days is not null'),
        'days from the first to the second purchase day': ('purchase_days', 'gap_days', 'purchase_day_number = 2'),
        'days from the first visit to the first order': ('first_orders', 'waiting_days', 'waiting_days >= 0'),
        'orders of a buyer within buying_window_days': (
            'behaviors', 'buying_window_orders_count', 'buying_window_orders_count > 0'),
        'orders of those who first bought regular_customer_days ago': (
            'orders', 'orders_count', 'days_since_first_order >= ' ~ var('regular_customer_days')),
        'cents of a mean order': ('orders', cents('average_order_amount'), 'orders_count > 0'),
        'share of discounted orders of those who had a discount': (
            'behaviors', 'discounted_order_share_bp', 'discounted_order_share_bp > 0'),
        'share of revenue at full price of those who had a discount': (
            'behaviors', 'full_price_revenue_share_bp', 'discounted_order_share_bp > 0'),
        'visits after the registration of those who never bought': (
            'behaviors', 'sessions_after_registration_count',
            'sessions_after_registration_count > 0 and is_one_timer is null'),
        'visits of a visitor within visit_quarter_days': (
            'behaviors', 'quarter_sessions_count', 'quarter_sessions_count > 0'),
        'e-mails got within email_unengaged_days': (
            'engagement', 'recent_emails_received_count', 'recent_emails_received_count > 0'),
        'offers that are over, of those who got any': (
            'engagement', 'decided_offers_count', 'decided_offers_count > 0'),
        'orders within loyalty_candidate_days of those outside the programme': (
            'engagement', 'loyalty_window_orders_count',
            'loyalty_window_orders_count > 0 and not coalesce(is_loyalty_member, false)'),
    }) }}
{%- endmacro %}

{# Which of them speaks of which threshold; its percentile is that of suggestion_percentiles_bp. #}
{% macro threshold_measures() -%}
    {%- set gaps = 'gaps between purchase days' -%}
    {%- set year = 'orders of a buyer within buying_window_days' -%}
    {{ return({
        'active_days': gaps,
        'lapsed_buyer_days': gaps,
        'at_risk_days': gaps,
        'reactivation_gap_days': gaps,
        'dormant_days': gaps,
        'idle_order_days': gaps,
        'new_customer_days': 'days from the first to the second purchase day',
        'anonymous_horizon_days': 'days from the first visit to the first order',
        'frequent_buyer_orders_count': year,
        'big_buyer_orders_count': year,
        'regular_customer_orders_count': 'orders of those who first bought regular_customer_days ago',
        'high_spender_min_order_cents_count': 'cents of a mean order',
        'discount_lover_min_discounted_share_bp': 'share of discounted orders of those who had a discount',
        'discount_lover_max_full_price_share_bp': 'share of revenue at full price of those who had a discount',
        'registered_browser_sessions_count': 'visits after the registration of those who never bought',
        'indecisive_shopper_sessions_count': 'visits of a visitor within visit_quarter_days',
        'email_unengaged_emails_count': 'e-mails got within email_unengaged_days',
        'offer_ignorer_offers_count': 'offers that are over, of those who got any',
        'loyalty_candidate_orders_count': 'orders within loyalty_candidate_days of those outside the programme',
    }) }}
{%- endmacro %}
