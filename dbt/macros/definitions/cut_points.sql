{# Cut points of the shop: percentiles by nearest rank, in whole numbers. They are functions of the values alone, so that
   equal values lie on the same side of them, in any order and on any engine. #}

{# In a select list: how many values are strictly smaller, plus one, and how many there are. Whoever is not compared
   has null. #}
{% macro ranked(value) -%}
    case
        when {{ value }} is not null
            then cast(rank() over (partition by {{ value }} is null order by {{ value }}) as bigint)
    end as {{ value }}_rank,
    cast(count({{ value }}) over () as bigint) as {{ value }}_values
{%- endmacro %}

{# The smallest value that is not exceeded by so many basis points of all values. #}
{% macro percentile_cut(value, percentile_bp) -%}
    max(case when 10000 * ({{ value }}_rank - 1) < {{ percentile_bp }} * {{ value }}_values then {{ value }} end) over ()
{%- endmacro %}

{# The two middle values together; they are one and the same where the number of values is odd. #}
{% macro double_median(value) -%}
    (max(case when 2 * ({{ value }}_rank - 1) < {{ value }}_values then {{ value }} end) over ()
    + max(case when 2 * ({{ value }}_rank - 1) <= {{ value }}_values then {{ value }} end) over ())
{%- endmacro %}

{# The median of whole numbers, rounded down: to lie above it, or not, is the same as without rounding. #}
{% macro median_cut(value) -%}cast({{ int_div(double_median(value), '2') }} as bigint){%- endmacro %}

{# Summed over one person's values in order: the two middle ones, of which an odd number has the same one twice. #}
{% macro middle_two(value, place, values_count) -%}
    case when {{ place }} = {{ int_div(values_count ~ ' + 1', '2') }} then {{ value }} else 0 end
    + case when {{ place }} = {{ int_div(values_count ~ ' + 2', '2') }} then {{ value }} else 0 end
{%- endmacro %}
