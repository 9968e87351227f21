{# Valid as of the as-of date: not cancelled by then, and a status that says so, or one that only a later cancellation gave. #}
{% macro is_valid_order(orders, statuses) -%}
    ({{ orders }}.cancelled_at is null
    and ({{ orders }}.is_cancelled_later or {{ orders }}.status is null or coalesce({{ statuses }}.is_valid, false)))
{%- endmacro %}

{# A line paid noticeably below its list price. #}
{% macro is_discounted_line(lines) -%}
    (10000 * {{ lines }}.unit_price < (10000 - {{ var('discount_tolerance_bp') }}) * {{ lines }}.list_price)
{%- endmacro %}

{# The currency that all amounts are published in; null where nobody ever named one. #}
{% macro shop_currency() -%}nullif('{{ var('shop_currency', '') }}', ''){%- endmacro %}

{# An order that names no currency is in that of the shop. #}
{% macro is_in_shop_currency(currency) -%}
    ({{ currency }} is null or {{ currency }} = '{{ var('shop_currency', '') }}')
{%- endmacro %}

{# What an order earned: gift cards sold are no revenue before they are spent, an order that is not valid earned nothing. #}
{% macro net_revenue() -%}
    {{ money('case when is_valid then product_amount - gift_card_amount - refund_amount else 0 end') }}
{%- endmacro %}
