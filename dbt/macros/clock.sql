{# The only clock that SQL may read. #}

{# The last day that the run sees, as a date. #}
{% macro as_of_date() -%}
    {%- set value = var('as_of_date', none) -%}
    {%- if execute and value is none -%}
        {{ exceptions.raise_compiler_error("as_of_date is not set: run `segments run`, or pass --vars '{\"as_of_date\": \"2026-06-30\"}'") }}
    {%- endif -%}
    cast('{{ value }}' as date)
{%- endmacro %}

{# The instant at which the as-of date ends in the shop's zone; facts at or after it are invisible. #}
{% macro as_of_end() -%}
    {{ start_of_local_day(as_of_date() ~ ' + 1') }}
{%- endmacro %}

{# Local date of the shop at an instant. #}
{% macro local_date(instant) -%}
    cast({{ local_of_utc(instant) }} as date)
{%- endmacro %}

{# The first instant of a local day. Where clocks are put back over midnight, midnight comes twice, and engines
   differ in which of the two they mean. #}
{% macro start_of_local_day(day) -%}
    {%- set midnight = utc_of_local('cast(' ~ day ~ ' as timestamp)') -%}
    {%- if var('shop_time_zone', 'UTC') == 'UTC' -%} {{ midnight }}
    {%- else -%}
    case
        when {{ local_date(hour_before(midnight)) }} = {{ day }} then {{ hour_before(midnight) }}
        else {{ midnight }}
    end
    {%- endif -%}
{%- endmacro %}

{# A value that came into being later is not known yet. #}
{% macro unless_future(instant, value=none) -%}
    case when {{ instant }} < {{ as_of_end() }} then {{ value or instant }} end
{%- endmacro %}

{# Days from a date to the as-of date; 0 is the as-of date itself. #}
{% macro days_since(day) -%}
    {{ days_between(day, as_of_date()) }}
{%- endmacro %}

{# Is a date one of the last N days, the as-of date included? #}
{% macro is_within_days(day, days) -%}
    {{ days_since(day) }} < {{ days }}
{%- endmacro %}
