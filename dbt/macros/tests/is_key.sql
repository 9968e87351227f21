{# The columns are a key: never null, never twice. Of a rollup, only keys that a restated stream has can have changed;
   where the stream is part of the key, nobody else can have them. #}
{% test is_key(model, columns, of_rollup=false) %}
    {%- set key = columns | join(', ') %}
    {%- set of_touched =
        'stream_key in (select stream_key from working.intermediate.int_event_days_touched)' %}
    select
        {{ key }},
        count(*) as rows_count
    from {{ model }}
    {% if of_rollup and restates_touched_days() -%}
    where
        {% if 'stream_key' in columns %}{{ of_touched }}
        {%- else %}({{ key }}) in (select {{ key }} from {{ model }} where {{ of_touched }})
        {%- endif %}
        {%- for column in columns %} or {{ column }} is null {% endfor %}
    {%- endif %}
    group by {{ key }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
