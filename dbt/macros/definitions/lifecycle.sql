{# An aggregate: from which day on a first order is surely the first. Data that begin on some day do not show what was bought before
   it: whoever orders soon after may be an old customer. A shop that has landed every order since it opened says so. #}
{% macro first_orders_known_from(first_order_date) -%}
    {%- if var('shop_opened_date') -%} min(cast('{{ var("shop_opened_date") }}' as date))
    {%- else -%} min({{ first_order_date }}) + {{ var('first_order_history_days') }}
    {%- endif -%}
{%- endmacro %}
