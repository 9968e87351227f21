{# An e-mail address as people are told apart by it: trimmed and lower-cased. Nothing is folded: whether dots or a plus
   in an address mean anything is up to the provider, so anna.b@gmail.com and annab@gmail.com stay two addresses. #}
{% macro normalised_email(email) -%}nullif(lower(trim({{ email }})), ''){%- endmacro %}

{# A phone number as people are told apart by it: digits alone, with + before the country code where it is known.
   A number that says no country is of phone_default_country_code, without its leading 0; with no such code it stays as
   dialled. Null where it is no number: letters, too few or too many digits, or the same digit to the end. #}
{% macro normalised_phone(phone) -%}
    {%- set typed = "translate(replace(trim(" ~ phone ~ "), '(0)', ''), ' -()./', '')" -%}
    {%- set code = var('phone_default_country_code') | string -%}
    {%- set national = "'+" ~ code ~ "' || case when " ~ typed ~ " like '0%' then substr(" ~ typed ~ ", 2) else " ~ typed ~ " end" -%}
    {%- set number -%}
        case
            when {{ typed }} like '+%' then {{ typed }}
            when {{ typed }} like '00%' then '+' || substr({{ typed }}, 3)
            else {{ national if code else typed }}
        end
    {%- endset -%}
    case
        when
            translate(substr({{ number }}, 2), '0123456789', '') = ''
            and translate(substr({{ number }}, 1, 1), '+0123456789', '') = ''
            and length(translate({{ number }}, '+', '')) between {{ var('phone_min_digits_count') }} and {{ var('phone_max_digits_count') }}
            and translate(right({{ number }}, {{ var('phone_min_digits_count') }}), right({{ number }}, 1), '') <> ''
            then {{ number }}
    end
{%- endmacro %}

{# Does a text have the shape of an e-mail address, or of a phone number with its country? #}
{% macro looks_like_email(text) -%}({{ text }} like '%_@_%'){%- endmacro %}
{% macro looks_like_phone(text) -%}({{ text }} like '+%' and {{ normalised_phone(text) }} is not null){%- endmacro %}

{# Id of a person without a customer id: keyed, so that nobody can guess the value behind it. #}
{% macro pseudonym(value, key, prefix='c_') -%}
    '{{ prefix }}' || substr({{ sha256_hex(key ~ ' || ' ~ sha256_hex(key ~ ' || ' ~ value)) }}, 1, 24)
{%- endmacro %}

{# What a member of the person map is: a shop customer id, or a contact value given without one. #}
{% macro is_customer_key(key) -%}({{ key }} like 'customer:%'){%- endmacro %}

{# The value behind a key such as email:anna@example.com. #}
{% macro value_of_key(key, kind) -%}substr({{ key }}, {{ kind | length + 2 }}){%- endmacro %}
