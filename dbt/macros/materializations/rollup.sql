{# A table that outlives the build. Where only the touched keys are made anew, a pre-hook has taken their rows out, in the
   same transaction; else the table is replaced, a bucket of keys at a time, so that no window holds all events. #}
{% materialization rollup, default, supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set buckets_count = var('rollup_buckets_count', 1) if bucket_mark() in sql else 1 -%}

    {%- if restates_touched_days() -%}
        {{ run_hooks(pre_hooks) }}
        {%- call statement('main') -%}{{ add_to_rollup(target_relation, sql) }}{%- endcall -%}
    {%- else -%}
        {%- do adapter.drop_relation(load_cached_relation(this) or target_relation) -%}
        {%- set first = sql | replace(bucket_mark(), '0') -%}
        {%- call statement('main') -%}{{ create_table_as(False, target_relation, first) }}{%- endcall -%}
        {%- for number in range(1, buckets_count) -%}
            {%- do adapter.commit() -%}
            {%- call statement('bucket') -%}
                {{ add_to_rollup(target_relation, sql | replace(bucket_mark(), number | string)) }}
            {%- endcall -%}
        {%- endfor -%}
    {%- endif -%}

    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro add_to_rollup(relation, query) -%}
    insert into {{ relation }}
    {{ query }}
{%- endmacro %}
