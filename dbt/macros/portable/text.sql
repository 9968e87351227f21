{# SHA-256 of a text as 64 hexadecimal digits. #}
{% macro sha256_hex(text) -%}{{ return(adapter.dispatch('sha256_hex')(text)) }}{%- endmacro %}
{% macro duckdb__sha256_hex(text) -%}sha256({{ text }}){%- endmacro %}
{% macro spark__sha256_hex(text) -%}sha2({{ text }}, 256){%- endmacro %}

{# In a select list: one row per part of a text, cut at a character. #}
{% macro each_part(text, separator) -%}{{ return(adapter.dispatch('each_part')(text, separator)) }}{%- endmacro %}
{% macro duckdb__each_part(text, separator) -%}unnest(string_split({{ text }}, {{ separator }})){%- endmacro %}
{% macro spark__each_part(text, separator) -%}explode(split({{ text }}, '[' || {{ separator }} || ']')){%- endmacro %}
