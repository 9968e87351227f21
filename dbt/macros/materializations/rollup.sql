{# A table that outlives the build. Where only what was touched is made anew, the rows that stand of the same keys go in
   the same transaction, also where nothing comes back; else the table is replaced, a bucket of keys at a time, so that no
   window holds all events. `replaces` in the model's meta names the keys. #}
{% materialization rollup, default, supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set buckets_count = var('rollup_buckets_count', 1) if bucket_mark() in sql else 1 -%}

    {{ run_hooks(pre_hooks) }}
    {%- if restates_touched_days() -%}
        {%- call statement('forget') -%}{{ forget_touched(target_relation) }}{%- endcall -%}
        {%- call statement('main') -%}{{ add_to_rollup(target_relation, sql) }}{%- endcall -%}
    {%- else -%}
        {%- do adapter.drop_relation(target_relation) -%}
        {%- call statement('main') -%}
            {{ create_table_as(False, target_relation, sql | replace(bucket_mark(), '0')) }}
        {%- endcall -%}
        {%- for number in range(1, buckets_count) -%}
            {%- do adapter.commit() -%}
            {%- call statement('bucket') -%}
                {{ add_to_rollup(target_relation, sql | replace(bucket_mark(), number | string)) }}
            {%- endcall -%}
        {%- endfor -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}

    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Versions are known by their event, all else by its device, or by device and day. #}
{% macro forget_touched(relation) -%}
    {%- set keys = model.config.meta.replaces -%}
    delete from {{ relation }}
    where ({{ keys }}) in (
        select {{ keys }}
        {% if keys == 'event_id' -%}
        from working.staging.stg_web__events
        where {{ landed_since_rollups('loaded_at') }}
        {%- else -%}
        from working.intermediate.int_event_days_touched
        {%- endif %}
    )
{%- endmacro %}

{% macro add_to_rollup(relation, query) -%}
    insert into {{ relation }}
    {{ query }}
{%- endmacro %}
