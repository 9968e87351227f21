{# Both tables have exactly the same keys: nobody is missing and nobody is too many. #}
{% test covers(model, column_name, to, field) %}
    select
        model.{{ column_name }} as key_too_many,
        target.{{ field }} as missing_key
    from {{ model }} as model
    full outer join {{ to }} as target
        on model.{{ column_name }} = target.{{ field }}
    where model.{{ column_name }} is null or target.{{ field }} is null
{% endtest %}
