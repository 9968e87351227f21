{# What people say of themselves: each trait has a value, a source and a date. The first six are columns of accounts;
   answers to surveys say any of them (seeds/survey_traits.csv). #}
{% macro account_traits() -%}
    {{ return(['gender', 'income_band', 'occupation', 'marital_status', 'education', 'organisation_type']) }}
{%- endmacro %}
{% macro stated_traits() -%}{{ return(account_traits() + ['age_group', 'lifestyle']) }}{%- endmacro %}

{# What the shop sees of people: where they live, how they came and what they pay. #}
{% macro observed_traits() -%}
    {{ return(['home_country', 'first_touch_channel', 'main_device', 'spend_power_band']) }}
{%- endmacro %}

{# In the order in which they are published. #}
{% macro all_traits() -%}
    {{ return(['age_group'] + account_traits() + ['lifestyle'] + observed_traits()) }}
{%- endmacro %}

{# Words as they are compared: trimmed and lower-cased; none where nothing is said. #}
{% macro normalised_words(words) -%}nullif(lower(trim({{ words }})), ''){%- endmacro %}

{# Ages from which the groups begin, as pairs of age and name: 18 and 25 make under_18, 18-24, 25+. #}
{% macro age_groups() -%}
    {%- set starts = var('age_group_start_years') -%}
    {%- set groups = [] -%}
    {%- for start in starts -%}
        {%- set name = start ~ '+' if loop.last else start ~ '-' ~ (starts[loop.index] - 1) -%}
        {%- do groups.append([start, name]) -%}
    {%- endfor -%}
    {{ return([[0, 'under_' ~ starts[0]]] + groups) }}
{%- endmacro %}

{# Whole years of life at the end of the as-of date. Who was born on 29 February grows older on 28 February in years
   without one; that is what adding years to a date gives. Null for who is not born or implausibly old. #}
{% macro age_years(birth_date) -%}
    {%- set year = 'extract(year from ' ~ as_of_date() ~ ')' -%}
    {%- set years = year ~ ' - extract(year from ' ~ birth_date ~ ')' -%}
    {%- set age = years ~ ' - case when ' ~ add_years(birth_date, years) ~ ' > ' ~ as_of_date() ~ ' then 1 else 0 end' -%}
    case when {{ age }} between 0 and {{ var('age_max_years') }} then cast({{ age }} as int) end
{%- endmacro %}

{# The group of an age; who told no date of birth may have told the group. #}
{% macro age_group(age, stated_group) -%}
    case
        {%- for start, name in age_groups() | reverse %} when {{ age }} >= {{ start }} then '{{ name }}' {%- endfor %}
        {%- for start, name in age_groups() %} when {{ stated_group }} = '{{ name }}' then '{{ name }}' {%- endfor %}
    end
{%- endmacro %}

{# Days to the next birthday; 0 is today. #}
{% macro days_until_birthday(birth_date) -%}
    {%- set years = 'extract(year from ' ~ as_of_date() ~ ') - extract(year from ' ~ birth_date ~ ')' -%}
    case
        when {{ add_years(birth_date, years) }} >= {{ as_of_date() }}
            then {{ days_between(as_of_date(), add_years(birth_date, years)) }}
        else {{ days_between(as_of_date(), add_years(birth_date, years ~ ' + 1')) }}
    end
{%- endmacro %}

{# The months of a season, south of the equator half a year later. #}
{% macro season_months(months, hemisphere) -%}
    {%- set found = [] -%}
    {%- for month in months -%}
        {%- do found.append(month if hemisphere == 'north' else (month + 5) % 12 + 1) -%}
    {%- endfor -%}
    {{ return(found | join(', ')) }}
{%- endmacro %}

{# The fifths of buyers by what they usually pay, from low to high. #}
{% macro spend_powers() -%}{{ return(['low', 'lower_middle', 'middle', 'upper_middle', 'high']) }}{%- endmacro %}

{% macro spend_power_band(score) -%}
    case {{ score }} {%- for name in spend_powers() %} when {{ loop.index }} then '{{ name }}' {%- endfor %} end
{%- endmacro %}

{# Which content somebody is shown: by what is stated, and the same for all others. #}
{% macro content_variant(trait) -%}
    case {{ trait }}
        {%- for value, variant in var('content_variants').items() %} when '{{ value }}' then '{{ variant }}' {%- endfor %}
        else 'everyone'
    end
{%- endmacro %}
