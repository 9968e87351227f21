{# Instants are timestamps in UTC; both engines run their sessions in UTC. #}

{% macro local_of_utc(instant) -%}
    {%- if var('shop_time_zone', 'UTC') == 'UTC' -%} {{ instant }}
    {%- else -%} {{ adapter.dispatch('local_of_utc')(instant, var('shop_time_zone')) }}
    {%- endif -%}
{%- endmacro %}
{% macro duckdb__local_of_utc(instant, zone) -%}
    timezone('{{ zone }}', cast({{ instant }} as timestamptz))
{%- endmacro %}
{% macro spark__local_of_utc(instant, zone) -%}
    from_utc_timestamp({{ instant }}, '{{ zone }}')
{%- endmacro %}

{% macro utc_of_local(wall_time) -%}
    {%- if var('shop_time_zone', 'UTC') == 'UTC' -%} {{ wall_time }}
    {%- else -%} {{ adapter.dispatch('utc_of_local')(wall_time, var('shop_time_zone')) }}
    {%- endif -%}
{%- endmacro %}
{% macro duckdb__utc_of_local(wall_time, zone) -%}
    cast(timezone('{{ zone }}', {{ wall_time }}) as timestamp)
{%- endmacro %}
{% macro spark__utc_of_local(wall_time, zone) -%}
    to_utc_timestamp({{ wall_time }}, '{{ zone }}')
{%- endmacro %}

{# An instant of a raw table as the timestamp that it is in UTC. DuckDB's cast asks its calendar library for each row. #}
{% macro utc_timestamp(instant) -%}{{ return(adapter.dispatch('utc_timestamp')(instant)) }}{%- endmacro %}
{% macro duckdb__utc_timestamp(instant) -%}make_timestamp(epoch_us({{ instant }})){%- endmacro %}
{% macro spark__utc_timestamp(instant) -%}cast({{ instant }} as timestamp){%- endmacro %}

{# The same for both engines; models compare dates and microseconds instead. #}
{% macro hour_before(instant) -%}({{ instant }} - interval 1 hour){%- endmacro %}

{% macro epoch_us(instant) -%}{{ return(adapter.dispatch('epoch_us')(instant)) }}{%- endmacro %}
{% macro duckdb__epoch_us(instant) -%}epoch_us({{ instant }}){%- endmacro %}
{% macro spark__epoch_us(instant) -%}unix_micros({{ instant }}){%- endmacro %}

{# Microseconds from one instant to the next: gaps are compared at the resolution of the facts. #}
{% macro us_between(earlier, later) -%}
    ({{ epoch_us(later) }} - {{ epoch_us(earlier) }})
{%- endmacro %}

{# Whole days between two dates. #}
{% macro days_between(earlier, later) -%}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{%- endmacro %}
{% macro duckdb__days_between(earlier, later) -%}
    cast(date_diff('day', {{ earlier }}, {{ later }}) as integer)
{%- endmacro %}
{% macro spark__days_between(earlier, later) -%}
    cast(datediff({{ later }}, {{ earlier }}) as integer)
{%- endmacro %}

{# 1 is Monday, 7 is Sunday. #}
{% macro iso_weekday(day) -%}{{ return(adapter.dispatch('iso_weekday')(day)) }}{%- endmacro %}
{% macro duckdb__iso_weekday(day) -%}cast(isodow({{ day }}) as integer){%- endmacro %}
{% macro spark__iso_weekday(day) -%}cast(weekday({{ day }}) + 1 as integer){%- endmacro %}

{# All days of a closed range, one row per day, as a table expression with the column calendar_date. #}
{% macro date_spine(first_day, last_day) -%}{{ return(adapter.dispatch('date_spine')(first_day, last_day)) }}{%- endmacro %}
{% macro duckdb__date_spine(first_day, last_day) -%}
    (select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as calendar_date)
{%- endmacro %}
{% macro spark__date_spine(first_day, last_day) -%}
    (select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as calendar_date)
{%- endmacro %}

{# In a select list: one row per day of a closed range. #}
{% macro each_day(first_day, last_day) -%}{{ return(adapter.dispatch('each_day')(first_day, last_day)) }}{%- endmacro %}
{% macro duckdb__each_day(first_day, last_day) -%}
    cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date)
{%- endmacro %}
{% macro spark__each_day(first_day, last_day) -%}
    explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day))
{%- endmacro %}

{# A number of minutes in microseconds. #}
{% macro minutes_us(minutes) -%}{{ minutes * 60000000 }}{%- endmacro %}

{# The same day so many years later; the last of February where that year has no 29th. #}
{% macro add_years(day, years) -%}{{ return(adapter.dispatch('add_years')(day, years)) }}{%- endmacro %}
{% macro duckdb__add_years(day, years) -%}cast({{ day }} + to_years(cast({{ years }} as integer)) as date){%- endmacro %}
{% macro spark__add_years(day, years) -%}add_months({{ day }}, cast(12 * ({{ years }}) as int)){%- endmacro %}

{# First day of the month of a date, and calendar months from one date to a later one. #}
{% macro month_start(day) -%}cast(date_trunc('month', {{ day }}) as date){%- endmacro %}
{% macro months_between(earlier, later) -%}
    cast(
        12 * (extract(year from {{ later }}) - extract(year from {{ earlier }}))
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
        as int
    )
{%- endmacro %}
