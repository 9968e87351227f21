{# Before the first model: let the engine know the tables that others wrote. DuckDB has them attached. #}
{% macro register_tables() -%}{{ return(adapter.dispatch('register_tables')()) }}{%- endmacro %}

{% macro duckdb__register_tables() -%}{%- endmacro %}

{# Raw tables are Parquet folders of the loader; tables of an earlier process are those whose folders stand. #}
{% macro spark__register_tables() -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'seed', 'test'] -%}
        {%- do spark_require_session() -%}
        {%- do spark_require_own_schemas() -%}
        {%- for table in graph.sources.values() -%}
            {%- set folder = spark_folder(env_var('DBT_SPARK_RAW_DIR') ~ '/' ~ table.name) -%}
            {%- do run_query('drop table if exists raw.' ~ table.name) -%}
            {%- do run_query('create table raw.' ~ table.name ~ ' using parquet location ' ~ folder) -%}
        {%- endfor -%}
        {%- for path in var('built_tables', []) -%}
            {%- set schema, name = path.split('.') -%}
            {%- set folder = spark_folder(env_var('DBT_SPARK_DIR') ~ '/' ~ schema ~ '/' ~ name) -%}
            {%- do adapter.create_schema(api.Relation.create(schema=schema)) -%}
            {%- do run_query('create table if not exists ' ~ path ~ ' using parquet location ' ~ folder) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# What results depend on is set for each session: dates on the zone, errors instead of nulls on ANSI mode. A server
   that does not let itself be told is not used. #}
{% macro spark_require_session() -%}
    {%- for name, wanted in {'spark.sql.session.timeZone': 'UTC', 'spark.sql.ansi.enabled': 'true'}.items() -%}
        {%- set found = run_query('set ' ~ name).rows[0][1] | string -%}
        {%- if found | lower != wanted | lower -%}
            {%- do exceptions.raise_compiler_error(
                'The models need ' ~ name ~ '=' ~ wanted ~ ', and this Spark server keeps to ' ~ found
                ~ ' whatever it is told: set it on the server.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# A server keeps its schemas. One that lies elsewhere is another shop's, or this shop's before it moved: its tables
   must be neither replaced nor taken for ours. #}
{% macro spark_require_own_schemas() -%}
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed']) -%}
    {%- for schema in ['raw'] + models | map(attribute='schema') | unique | list -%}
        {%- do adapter.create_schema(api.Relation.create(schema=schema)) -%}
        {%- set wanted = env_var('DBT_SPARK_DIR') ~ '/' ~ schema -%}
        {%- for row in run_query('describe schema ' ~ schema).rows if row[0] == 'Location' -%}
            {%- if modules.re.sub('^file:/+', '/', row[1]) != wanted -%}
                {%- do exceptions.raise_compiler_error(
                    'The schema ' ~ schema ~ ' of this Spark server lies in ' ~ row[1] ~ ', and SEGMENTS_SPARK_DIR'
                    ~ ' says ' ~ wanted ~ ': set SEGMENTS_SPARK_DIR to the folder above the first, or use a server'
                    ~ ' (or a metastore) of its own for this shop.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{# Tables lie where the pipeline reads them back, whatever the server's own default is. #}
{% macro spark__create_schema(relation) -%}
    {%- set folder = env_var('DBT_SPARK_DIR') ~ '/' ~ relation.schema -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.schema }} location {{ spark_folder(folder) }}
    {%- endcall -%}
{%- endmacro %}

{# A shared folder is a path on every machine, also where the cluster's default file system is another. #}
{% macro spark_folder(path) -%}{{ return(spark_literal('file:' ~ path)) }}{%- endmacro %}

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
