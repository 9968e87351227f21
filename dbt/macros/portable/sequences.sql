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

{# The different values in their order, as one text. #}
{% macro distinct_list(value) -%}{{ return(adapter.dispatch('distinct_list')(value)) }}{%- endmacro %}
{% macro duckdb__distinct_list(value) -%}string_agg(distinct {{ value }}, ',' order by {{ value }}){%- endmacro %}
{% macro spark__distinct_list(value) -%}nullif(array_join(array_sort(collect_set({{ value }})), ','), ''){%- endmacro %}
