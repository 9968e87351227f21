{# What outlives a build lies in a file of its own; Spark knows one catalog. #}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {{ 'rollups' if target.type == 'duckdb' and node.config.materialized == 'rollup' else target.database }}
{%- endmacro %}
