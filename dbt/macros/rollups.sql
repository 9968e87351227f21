{# What the timeless rollups of web events share. They outlive a build, and a build makes anew what was touched by events
   that landed after `rollups_cover_until`; without that var all of it is made, in as many parts as memory asks for. #}

{% macro restates_touched_days() -%}{{ return(var('rollups_cover_until', none) is not none) }}{%- endmacro %}

{# Where clause: the rows that landed after the rollups were made; none where they are made as a whole. #}
{% macro landed_since_rollups(loaded_at) -%}
    {%- if restates_touched_days() -%} {{ loaded_at }} > cast('{{ var('rollups_cover_until') }}' as timestamp)
    {%- else -%} false
    {%- endif -%}
{%- endmacro %}

{# Where clause: the rows of keys that are made anew; all where the rollups are, one part after the other. #}
{% macro is_touched(key, touched) -%}
    {%- if restates_touched_days() -%}
    {{ key }} in (select touched.{{ key.split('.')[-1] }} from {{ touched }} as touched)
    {%- else -%}
    {{ is_in_bucket(key) }}
    {%- endif -%}
{%- endmacro %}

{# Where clause: the rows whose keys fall into the part that is being made. The materialization `rollup` puts the number
   of the part in. Which part a key falls into is no content, so that each engine may use what is cheap. #}
{% macro is_in_bucket(key) -%}
    {%- if var('rollup_buckets_count', 1) > 1 -%}
    {{ bucket_of(key, var('rollup_buckets_count')) }} = {{ bucket_mark() }}
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{% macro bucket_mark() -%}__bucket_number__{%- endmacro %}
