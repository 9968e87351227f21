{# An invariant holds for every row; a row for which it is unknown breaks it. #}
{% test holds(model, expression) %}
    select *
    from {{ model }}
    where not coalesce({{ expression }}, false)
{% endtest %}
