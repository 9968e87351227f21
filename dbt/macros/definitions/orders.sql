{# Valid as of the as-of date: not cancelled by then, and a status that says so, or one that only a later cancellation gave. #}
{% macro is_valid_order(orders, statuses) -%}
    ({{ orders }}.cancelled_at is null
    and ({{ orders }}.is_cancelled_later or {{ orders }}.status is null or coalesce({{ statuses }}.is_valid, false)))
{%- endmacro %}

{# A line paid noticeably below its list price. #}
{% macro is_discounted_line(lines) -%}
    (10000 * {{ lines }}.unit_price < (10000 - {{ var('discount_tolerance_bp') }}) * {{ lines }}.list_price)
{%- endmacro %}
