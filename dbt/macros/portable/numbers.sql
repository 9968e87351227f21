{# Money is decimal(18, 2); engines widen sums differently, so it is cast back after each. #}
{% macro money(amount) -%}cast({{ amount }} as decimal(18, 2)){%- endmacro %}

{% macro sum_money(amount) -%}cast(coalesce(sum({{ amount }}), 0) as decimal(18, 2)){%- endmacro %}

{# Units times price with all their decimals, before money is made of it. #}
{% macro exact(amount) -%}cast({{ amount }} as decimal(21, 7)){%- endmacro %}

{% macro sum_exact(amount) -%}cast(coalesce(sum({{ amount }}), 0) as decimal(21, 7)){%- endmacro %}

{% macro sum_int(number) -%}cast(coalesce(sum({{ number }}), 0) as bigint){%- endmacro %}

{# Exact cents of a money amount. #}
{% macro cents(amount) -%}cast(({{ amount }}) * 100 as bigint){%- endmacro %}

{# Exact thousandths of a quantity. #}
{% macro milli(quantity) -%}cast(({{ quantity }}) * 1000 as bigint){%- endmacro %}

{# Money of whole cents. #}
{% macro money_of_cents(number) -%}{{ money(number ~ ' * cast(0.01 as decimal(3, 2))') }}{%- endmacro %}

{% macro count_where(condition) -%}cast(count(case when {{ condition }} then 1 end) as bigint){%- endmacro %}

{# Quotient of two non-negative integers, rounded down. #}
{% macro int_div(dividend, divisor) -%}{{ return(adapter.dispatch('int_div')(dividend, divisor)) }}{%- endmacro %}
{% macro duckdb__int_div(dividend, divisor) -%}(({{ dividend }}) // ({{ divisor }})){%- endmacro %}
{% macro spark__int_div(dividend, divisor) -%}(({{ dividend }}) div ({{ divisor }})){%- endmacro %}

{# Quotient of two non-negative integers, rounded half up. #}
{% macro rounded_div(dividend, divisor) -%}
    {{ int_div('2 * (' ~ dividend ~ ') + (' ~ divisor ~ ')', '2 * (' ~ divisor ~ ')') }}
{%- endmacro %}

{# Share of non-negative integers in basis points, rounded half up; null when there is no whole. #}
{% macro ratio_bp(part, whole) -%}
    case
        when ({{ whole }}) > 0
            then cast({{ rounded_div('10000 * cast(' ~ part ~ ' as bigint)', 'cast(' ~ whole ~ ' as bigint)') }} as bigint)
    end
{%- endmacro %}

{# Running or partitioned sum of integers. #}
{% macro sum_int_over(number, window) -%}cast(sum({{ number }}) over ({{ window }}) as bigint){%- endmacro %}

{# One of so many parts of all values. Which part is no content, so that each engine may use the hash that it has. #}
{% macro bucket_of(value, count) -%}{{ return(adapter.dispatch('bucket_of')(value, count)) }}{%- endmacro %}
{% macro duckdb__bucket_of(value, count) -%}hash({{ value }}) % {{ count }}{%- endmacro %}
{% macro spark__bucket_of(value, count) -%}pmod(hash({{ value }}), {{ count }}){%- endmacro %}

{# Of values counted by how often they occur, is this one in the middle? `twice` is the count of all plus 1 for the lower
   middle, plus 2 for the upper one. #}
{% macro holds_position(twice) -%}
    {{ int_div(twice, '2') }} between reached_count - same_count + 1 and reached_count
{%- endmacro %}
