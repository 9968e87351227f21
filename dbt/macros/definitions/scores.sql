{# Score from 1 to the number of bins as a function of the value alone: equal values, equal scores.
   `rank_of` is the number of customers strictly worse plus one. #}
{% macro rank_score(rank_of, customers_count) -%}
    cast(1 + {{ int_div(var('rfm_bins_count') ~ ' * (' ~ rank_of ~ ' - 1)', customers_count) }} as integer)
{%- endmacro %}
