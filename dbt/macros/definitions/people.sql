{# An e-mail address as people are told apart by it: trimmed and lower-cased, nothing folded. #}
{% macro normalised_email(email) -%}nullif(lower(trim({{ email }})), ''){%- endmacro %}

{# Id of a person without a customer id: keyed, so that nobody can guess the value behind it. #}
{% macro pseudonym(value, key) -%}
    'c_' || substr({{ sha256_hex(key ~ ' || ' ~ sha256_hex(key ~ ' || ' ~ value)) }}, 1, 24)
{%- endmacro %}
