{# Both tables have exactly the same keys: nobody is missing and nobody is too many. #}
{% test covers(model, column_name, to, field) %}
    (
        select {{ column_name }} as missing_key from {{ model }}
        except
        select {{ field }} as missing_key from {{ to }}
    )
    union all
    (
        select {{ field }} as missing_key from {{ to }}
        except
        select {{ column_name }} as missing_key from {{ model }}
    )
{% endtest %}
