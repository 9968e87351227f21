{# The columns are a key: never null, never twice. Of a rollup, only keys that a restated stream has can have changed. #}
{% test is_key(model, columns, of_rollup=false) %}
    {%- set key = columns | join(', ') %}
    select
        {{ key }},
        count(*) as rows_count
    from {{ model }}
    {% if of_rollup and restates_touched_days() -%}
    where ({{ key }}) in (
        select {{ key }}
        from {{ model }}
        where stream_key in (select stream_key from {{ target.database }}.intermediate.int_event_days_touched)
    )
    {%- for column in columns %} or {{ column }} is null {% endfor %}
    {%- endif %}
    group by {{ key }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
