{# A test that asks several tables says which of them failed it: `broken_key` names them. Failing rows are never stored. #}
{% materialization test, default %}
    {%- call statement('main', fetch_result=true) -%}
        {{ get_test_sql(sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none) }}
    {%- endcall -%}
    {%- if 'broken_key' in sql and load_result('main').table.rows[0][0] > 0 -%}
        {%- set broken = run_query('select distinct broken_key from (' ~ sql ~ ') as broken order by broken_key') -%}
        {%- do exceptions.raise_compiler_error('null or twice: ' ~ broken.columns[0].values() | join('; ')) -%}
    {%- endif -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}
