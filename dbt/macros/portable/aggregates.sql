{# The value of the first, or last, row of a group in the order of these columns, which together are unique and not null;
   nor is the value ever null. An aggregate costs a third of a window that ranks every row to keep one. #}
{% macro first_by(value, order_by) -%}min_by({{ value }}, {{ row_of(order_by) }}){%- endmacro %}
{% macro last_by(value, order_by) -%}max_by({{ value }}, {{ row_of(order_by) }}){%- endmacro %}

{% macro row_of(columns) -%}{{ return(adapter.dispatch('row_of')(columns)) }}{%- endmacro %}
{% macro duckdb__row_of(columns) -%}row({{ columns | join(', ') }}){%- endmacro %}
{% macro spark__row_of(columns) -%}struct({{ columns | join(', ') }}){%- endmacro %}
