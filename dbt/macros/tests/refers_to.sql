{# Every value of a column stands in the other table; null refers to nothing. #}
{% test refers_to(model, column_name, to, field) %}
    select model.{{ column_name }}
    from {{ model }} as model
    left join {{ to }} as target
        on model.{{ column_name }} = target.{{ field }}
    where model.{{ column_name }} is not null and target.{{ field }} is null
{% endtest %}
