{# Scores run from 1 to the top score of the map and are functions of the value alone: equal values, equal scores. #}

{# The score that the method gives. `rank_of` is the number of buyers strictly worse plus one; `reaches` compares the
   value with a cut point. #}
{% macro rfm_score(rank_of, reaches, cuts) -%}
    {%- if var('rfm_method') == 'relative' -%}
        {{ rank_score(rank_of, 'scored_customers_count', 'top_score') }}
    {%- else -%}
        {{ cut_score(reaches, cuts) }}
    {%- endif -%}
{%- endmacro %}

{# One more than the equal parts of all buyers that are strictly worse. #}
{% macro rank_score(rank_of, customers_count, top_score) -%}
    cast(1 + {{ int_div(top_score ~ ' * (' ~ rank_of ~ ' - 1)', customers_count) }} as integer)
{%- endmacro %}

{# One more than the cut points that are reached; a cut point of none is one that nobody reaches. #}
{% macro cut_score(reaches, cuts) -%}
    cast(
        1 {%- for cut in cuts if cut is not none %} + case when {{ reaches }} {{ cut }} then 1 else 0 end {%- endfor %}
        as integer
    )
{%- endmacro %}

{# What the scores 2, 3, ... need in one dimension (recency_days, frequency_orders or monetary_amounts); empty where
   buyers are compared with each other. #}
{% macro rfm_cuts(dimension) -%}
    {%- set method = var('rfm_method') -%}
    {%- set anchor = rfm_anchor() -%}
    {%- set fixed = {
        'recency_days': var('rfm_fixed_recency_days'),
        'frequency_orders': var('rfm_fixed_frequency_orders'),
        'monetary_amounts': var('rfm_fixed_monetary_amounts'),
    } -%}
    {%- if method == 'fixed' -%} {{ return(fixed[dimension][var('rfm_map')]) }}
    {%- elif anchor -%} {{ return(anchor[dimension]) }}
    {%- else -%} {{ return([]) }}
    {%- endif -%}
{%- endmacro %}

{# The stored cut points that the run was told; none for other methods. #}
{% macro rfm_anchor() -%}
    {%- set anchor = var('rfm_anchor', none) if var('rfm_method') == 'anchored' else none -%}
    {%- if execute and var('rfm_method') == 'anchored' and not anchor -%}
        {{ exceptions.raise_compiler_error('rfm_method is anchored and the run was told no cut points: segments anchor') }}
    {%- endif -%}
    {{ return(anchor) }}
{%- endmacro %}

{# Where buyers are compared and nearly everybody ordered once, two orders are not yet the top of frequency. Cut points
   say themselves what the top needs. #}
{% macro rfm_frequency_floor() -%}
    {{ var('rfm_min_orders_for_top_frequency') if var('rfm_method') == 'relative' else 0 }}
{%- endmacro %}

{# How many buyers the cut points were made of; null where nobody was counted to make them. #}
{% macro rfm_calibrated_count(customers_count) -%}
    {%- if var('rfm_method') == 'relative' -%} {{ customers_count }}
    {%- elif rfm_anchor() -%} cast({{ rfm_anchor()['customers_count'] }} as bigint)
    {%- else -%} cast(null as bigint)
    {%- endif -%}
{%- endmacro %}

{# The version of the stored cut points, as text. #}
{% macro rfm_anchor_version() -%}
    {%- if rfm_anchor() -%} '{{ rfm_anchor()['version'] }}' {%- else -%} cast(null as string) {%- endif -%}
{%- endmacro %}

{# Recency, frequency and monetary score as one text, a digit each. #}
{% macro rfm_code(rows) -%}
    cast({{ rows }}.recency_score as string)
    || cast({{ rows }}.frequency_score as string)
    || cast({{ rows }}.monetary_score as string)
{%- endmacro %}

{# What the score of a row of cut points needs; score 1 needs nothing. #}
{% macro rfm_cut_point(seen, cuts) -%}
    {%- if var('rfm_method') == 'relative' -%}
        case when rfm_score > 1 then {{ seen }} end
    {%- else -%}
        case rfm_score
            {%- for cut in cuts %} when {{ loop.index + 1 }} then {{ 'null' if cut is none else cut }} {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}

{# The day whose buyers made the cut points; null where nobody did. #}
{% macro rfm_calibrated_date() -%}
    {%- if var('rfm_method') == 'relative' -%} {{ as_of_date() }}
    {%- elif rfm_anchor() -%} cast('{{ rfm_anchor()['as_of_date'] }}' as date)
    {%- else -%} cast(null as date)
    {%- endif -%}
{%- endmacro %}

{# The group of the scores; some maps have one for known people without a counted order too. Those are the unscored groups of
   rfm_groups.csv: a test holds both together. #}
{% macro rfm_groups_of_leads() -%}{{ return({'shopify11': 'Prospects'}) }}{%- endmacro %}
{% macro rfm_segment_of(scored, customer_kind) -%}
    {%- set of_leads = rfm_groups_of_leads().get(var('rfm_map')) -%}
    {%- if of_leads -%} coalesce({{ scored }}, case when {{ customer_kind }} = 'lead' then '{{ of_leads }}' end)
    {%- else -%} {{ scored }}
    {%- endif -%}
{%- endmacro %}
