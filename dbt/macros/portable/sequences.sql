{# What comes one after the other, as text. #}

{# The letters of events in the order of time, and at one instant of the letters, with the long silences between them. One
   number holds instant and letter, so that a plain list of numbers is sorted and neither rows nor ids are. #}
{% macro path_of_events(code, instant) -%}
    {{ return(adapter.dispatch('path_of_events')(epoch_us(instant) ~ ' * 16 + ' ~ code)) }}
{%- endmacro %}

{% macro duckdb__path_of_events(key) -%}
    list_transform(
        [list_sort(list({{ key }}))],
        lambda keys: array_to_string(list_transform(keys, lambda here, place:
            case
                when place > 1 and here - (here & 15) - keys[place - 1] + (keys[place - 1] & 15)
                    >= {{ minutes_us(var('session_idle_minutes')) }} * 16 then '{{ silence_letter() }}'
                else ''
            end || substr('{{ path_letters() }}', here & 15, 1)
        ), '')
    )[1]
{%- endmacro %}

{% macro spark__path_of_events(key) -%}
    element_at(transform(
        array(array_sort(collect_list({{ key }}))),
        keys -> array_join(transform(keys, (here, place) ->
            case
                when place = 0 then ''
                when here - (here & 15) - keys[place - 1] + (keys[place - 1] & 15)
                    >= {{ minutes_us(var('session_idle_minutes')) }} * 16 then '{{ silence_letter() }}'
                else ''
            end || substr('{{ path_letters() }}', cast(here & 15 as int), 1)
        ), '')
    ), 1)
{%- endmacro %}

{# Pieces of text joined in the order of columns that are a key within the group. #}
{% macro joined_in_order(piece, columns) -%}{{ return(adapter.dispatch('joined_in_order')(piece, columns | join(', '))) }}{%- endmacro %}
{% macro duckdb__joined_in_order(piece, columns) -%}
    string_agg({{ piece }}, '' order by {{ columns }})
{%- endmacro %}
{% macro spark__joined_in_order(piece, columns) -%}
    array_join(transform(
        array_sort(collect_list(struct({{ columns }}, {{ piece }} as piece))), one -> one.piece
    ), '')
{%- endmacro %}

{# The different values in their order, as one text with commas between them: a comma of their own is a semicolon. #}
{% macro distinct_list(value) -%}
    {{ return(adapter.dispatch('distinct_list')("replace(" ~ value ~ ", ',', ';')")) }}
{%- endmacro %}
{% macro duckdb__distinct_list(value) -%}string_agg(distinct {{ value }}, ',' order by {{ value }}){%- endmacro %}
{% macro spark__distinct_list(value) -%}nullif(array_join(array_sort(collect_set({{ value }})), ','), ''){%- endmacro %}

{# The dates of a group as a list, and the days from each to the next, from short to long: two of one day have none
   between them. To sort a group's dates costs less than a window over every row. #}
{% macro list_of(value) -%}{{ return(adapter.dispatch('list_of')(value)) }}{%- endmacro %}
{% macro duckdb__list_of(value) -%}list({{ value }}){%- endmacro %}
{% macro spark__list_of(value) -%}collect_list({{ value }}){%- endmacro %}

{% macro gaps_between(dates) -%}{{ return(adapter.dispatch('gaps_between')(dates)) }}{%- endmacro %}
{% macro duckdb__gaps_between(dates) -%}
    list_transform([list_sort({{ dates }})], lambda ranked: list_sort(list_filter(
        list_transform(ranked[2:], lambda day, place: day - ranked[place]), lambda gap: gap > 0
    )))[1]
{%- endmacro %}
{% macro spark__gaps_between(dates) -%}
    element_at(transform(array(array_sort({{ dates }})), ranked -> array_sort(filter(
        transform(slice(ranked, 2, size(ranked)), (day, place) -> cast(datediff(day, ranked[place]) as bigint)),
        gap -> gap > 0
    ))), 1)
{%- endmacro %}

{# Of a sorted list of whole numbers: how many there are, the two middle ones together, and the sum of squares. Null
   where there is no list. #}
{% macro list_count(numbers) -%}{{ return(adapter.dispatch('list_count')(numbers)) }}{%- endmacro %}
{% macro duckdb__list_count(numbers) -%}len({{ numbers }}){%- endmacro %}
{% macro spark__list_count(numbers) -%}
    case when {{ numbers }} is not null then cast(size({{ numbers }}) as bigint) end
{%- endmacro %}

{% macro list_middle_sum(numbers) -%}{{ return(adapter.dispatch('list_middle_sum')(numbers)) }}{%- endmacro %}
{% macro duckdb__list_middle_sum(numbers) -%}
    {{ numbers }}[(len({{ numbers }}) + 1) // 2] + {{ numbers }}[(len({{ numbers }}) + 2) // 2]
{%- endmacro %}
{% macro spark__list_middle_sum(numbers) -%}
    element_at({{ numbers }}, cast((size({{ numbers }}) + 1) div 2 as int))
    + element_at({{ numbers }}, cast((size({{ numbers }}) + 2) div 2 as int))
{%- endmacro %}

{% macro list_square_sum(numbers) -%}{{ return(adapter.dispatch('list_square_sum')(numbers)) }}{%- endmacro %}
{% macro duckdb__list_square_sum(numbers) -%}
    cast(list_sum(list_transform({{ numbers }}, lambda gap: gap * gap)) as bigint)
{%- endmacro %}
{% macro spark__list_square_sum(numbers) -%}
    aggregate({{ numbers }}, cast(0 as bigint), (total, gap) -> total + gap * gap)
{%- endmacro %}
