{# Before the first model: let the engine know the tables that others wrote. DuckDB has them attached. #}
{% macro register_tables() -%}{{ return(adapter.dispatch('register_tables')()) }}{%- endmacro %}

{% macro duckdb__register_tables() -%}{%- endmacro %}

{# Raw tables are Parquet folders of the loader; tables of an earlier process are those whose folders stand. #}
{% macro spark__register_tables() -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'seed', 'test'] -%}
        {%- do run_query('create schema if not exists raw') -%}
        {%- for table in graph.sources.values() -%}
            {%- set folder = env_var('DBT_SPARK_RAW_DIR') ~ '/' ~ table.name -%}
            {%- do run_query('drop table if exists raw.' ~ table.name) -%}
            {%- do run_query('create table raw.' ~ table.name ~ ' using parquet location ' ~ spark_literal(folder)) -%}
        {%- endfor -%}
        {%- for path in var('built_tables', []) -%}
            {%- set schema, name = path.split('.') -%}
            {%- set folder = env_var('DBT_SPARK_DIR') ~ '/' ~ schema ~ '/' ~ name -%}
            {%- do adapter.create_schema(api.Relation.create(schema=schema)) -%}
            {%- do run_query('create table if not exists ' ~ path ~ ' using parquet location ' ~ spark_literal(folder)) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# Tables lie where the pipeline reads them back, whatever the server's own default is. #}
{% macro spark__create_schema(relation) -%}
    {%- set folder = env_var('DBT_SPARK_DIR') ~ '/' ~ relation.schema -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.schema }} location {{ spark_literal(folder) }}
    {%- endcall -%}
{%- endmacro %}

{# The rows of a seed as literals: dbt-spark binds values without escaping them. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set sql -%}
        insert into {{ this.render() }} values
        {% for row in agate_table.rows -%}
            (
            {%- for name in agate_table.column_names -%}
                cast({{ spark_literal(row[name]) }} as {{ types[name] }}){{ ', ' if not loop.last }}
            {%- endfor -%}
            ){{ ', ' if not loop.last }}
        {% endfor %}
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark_literal(value) -%}
    {%- if value is none -%} null
    {%- else -%} '{{ (value | string).replace('\\', '\\\\').replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
