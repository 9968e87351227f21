{# A column carries the words of a seed's column and no other; null is no word. #}
{% test is_one_of(model, column_name, to, field) %}
    select distinct model.{{ column_name }}
    from {{ model }} as model
    left join (select distinct {{ field }} as word from {{ to }}) as words
        on model.{{ column_name }} = words.word
    where model.{{ column_name }} is not null and words.word is null
{% endtest %}
