{# The value of the first, or last, row of a group in the order of these columns, which together are unique and not null;
   nor is the value ever null. An aggregate costs a third of a window that ranks every row to keep one. #}
{% macro first_by(value, order_by) -%}min_by({{ value }}, {{ row_of(order_by) }}){%- endmacro %}
{% macro last_by(value, order_by) -%}max_by({{ value }}, {{ row_of(order_by) }}){%- endmacro %}

{% macro row_of(columns) -%}{{ return(adapter.dispatch('row_of')(columns)) }}{%- endmacro %}
{% macro duckdb__row_of(columns) -%}row({{ columns | join(', ') }}){%- endmacro %}
{% macro spark__row_of(columns) -%}struct({{ columns | join(', ') }}){%- endmacro %}

{# Twice the median of the values of a group that are not null: the two middle ones together, which an odd number of
   values has the same; null where there are none. To sort a group's values costs less than to rank every row. #}
{% macro sum_of_middle(value) -%}{{ return(adapter.dispatch('sum_of_middle')(value)) }}{%- endmacro %}
{% macro duckdb__sum_of_middle(value) -%}
    case when count({{ value }}) > 0 then list_transform(
        [list_sort(list({{ value }}) filter (where {{ value }} is not null))],
        lambda ranked: ranked[(len(ranked) + 1) // 2] + ranked[(len(ranked) + 2) // 2]
    )[1] end
{%- endmacro %}
{% macro spark__sum_of_middle(value) -%}
    element_at(transform(
        array(array_sort(collect_list({{ value }}))),
        ranked -> case
            when size(ranked) > 0
                then element_at(ranked, cast((size(ranked) + 1) div 2 as int))
                    + element_at(ranked, cast((size(ranked) + 2) div 2 as int))
        end
    ), 1)
{%- endmacro %}
