{# What the rollups are made of: a table where it is the few rows of the touched days, each read several times; a view where
   it is everything, which nobody wants to write down. #}
{% materialization scratch, default, supported_languages=['sql'] %}
    {%- set kind = 'table' if restates_touched_days() else 'view' -%}
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
{% endmaterialization %}
