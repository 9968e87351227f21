{# On DuckDB each file holds what lives equally long: rollups outlive a build, marts and what follows are copied to be
   published, and what leads to them is in neither. Spark knows one catalog. #}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {%- if target.type != 'duckdb' -%} {{ target.database }}
    {%- elif node.config.materialized == 'rollup' -%} rollups
    {%- elif node.fqn[1] in ('staging', 'intermediate') -%} working
    {%- else -%} {{ target.database }}
    {%- endif -%}
{%- endmacro %}
