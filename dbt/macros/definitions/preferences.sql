{# The smallest text of the rows for which a condition holds: of equals the first by name. #}
{% macro min_where(text, condition) -%}min(case when {{ condition }} then {{ text }} end){%- endmacro %}

{# A value where the question applies, else null. #}
{% macro value_where(value, condition) -%}case when {{ condition }} then {{ value }} end{%- endmacro %}
