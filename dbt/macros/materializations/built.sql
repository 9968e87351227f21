{# The build database begins empty, so tables and views are made under their own name, in one statement and transaction.
   dbt's own way makes them beside, renames them and looks for what it moved away: three times the statements. #}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}{{ return(build_in_place('table')) }}{% endmaterialization %}

{% materialization view, adapter='duckdb', supported_languages=['sql'] %}{{ return(build_in_place('view')) }}{% endmaterialization %}

{# What the rollups are made of: a table where it is the few rows of the touched days, each read several times; a view where
   it is everything, which nobody wants to write down. #}
{% materialization scratch, default, supported_languages=['sql'] %}
    {{ return(build_in_place('table' if restates_touched_days() else 'view')) }}
{% endmaterialization %}

{# What stands under the name, where a part is built again, goes in the same transaction. #}
{% macro build_in_place(kind) -%}
    {%- set target_relation = this.incorporate(type=kind) -%}
    {%- set standing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks) }}
    {%- if standing is not none -%}
        {%- do adapter.drop_relation(standing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, target_relation, sql) if kind == 'table' else create_view_as(target_relation, sql) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmacro %}
