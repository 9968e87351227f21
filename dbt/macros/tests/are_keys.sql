{# A line is a table and the columns of its key: never null, never twice. The tables of a folder are asked in one question,
   because on a small shop a test costs more than its rows; `broken_key` says which of them it was. #}
{% test are_keys(model, keys) %}
    {%- for line in keys %}
    {%- set columns = line[1:] %}
    select
        '{{ line[0].identifier }} ({{ columns | join(', ') }})' as broken_key,
        count(*) as rows_count
    from {{ line[0] }}
    group by {{ columns | join(', ') }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endtest %}
