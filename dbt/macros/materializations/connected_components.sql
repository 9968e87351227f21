{# The query of the model gives pairs of ids that belong together, each id paired with itself too, in two columns.
   The table has the same columns: every id, and the smallest id that it is connected with over any number of pairs.
   SQL that runs on both engines has no recursion to a fixpoint, so the rounds are run from here: in each, every id takes
   the smallest label among its neighbours and then that label's label, until a round changes nothing. #}
{% materialization connected_components, default, supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set node, label = get_columns_in_query(sql) -%}
    {%- set pairs = component_relation('pairs') -%}
    {%- set edges = component_relation('edges') -%}
    {%- set rounds = namespace(labels=component_relation('labels_0'), is_settled=false) -%}

    {{ run_hooks(pre_hooks) }}

    {%- do build_component_table(pairs, sql) -%}
    {%- do build_component_table(edges, component_edges_sql(pairs, node, label)) -%}
    {%- do build_component_table(rounds.labels, component_first_labels_sql(edges, node, label)) -%}
    {%- for number in range(1, 100) if not rounds.is_settled -%}
        {%- set after = component_relation('labels_' ~ number) -%}
        {%- do build_component_table(after, component_next_labels_sql(edges, rounds.labels, node, label)) -%}
        {%- set changed = run_query(component_changes_sql(rounds.labels, after, node, label)).columns[0].values()[0] -%}
        {%- do adapter.drop_relation(rounds.labels) -%}
        {%- set rounds.labels = after -%}
        {%- set rounds.is_settled = changed | int == 0 -%}
    {%- endfor -%}
    {%- if not rounds.is_settled -%}
        {%- do exceptions.raise_compiler_error('the components of ' ~ this ~ ' were not settled after 99 rounds') -%}
    {%- endif -%}

    {%- do adapter.drop_relation(target_relation) -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, target_relation, component_members_sql(pairs, rounds.labels, node, label)) }}
    {%- endcall -%}
    {%- for relation in [pairs, edges, rounds.labels] -%}
        {%- do adapter.drop_relation(relation) -%}
    {%- endfor -%}

    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro component_relation(suffix) -%}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__' ~ suffix}, type='table')) }}
{%- endmacro %}

{% macro build_component_table(relation, query) -%}
    {%- do adapter.drop_relation(relation) -%}
    {%- call statement('component_table') -%}{{ create_table_as(False, relation, query) }}{%- endcall -%}
{%- endmacro %}

{# Both directions, so that a label travels either way. #}
{% macro component_edges_sql(pairs, node, label) -%}
    select
        {{ node }},
        {{ label }}
    from {{ pairs }}
    where {{ node }} <> {{ label }}
    union
    select
        {{ label }} as {{ node }},
        {{ node }} as {{ label }}
    from {{ pairs }}
    where {{ node }} <> {{ label }}
{%- endmacro %}

{% macro component_first_labels_sql(edges, node, label) -%}
    select
        {{ node }},
        least({{ node }}, min({{ label }})) as {{ label }}
    from {{ edges }}
    group by {{ node }}
{%- endmacro %}

{% macro component_next_labels_sql(edges, labels, node, label) -%}
    with heard as (
        select
            edges.{{ node }},
            min(labels.{{ label }}) as {{ label }}
        from {{ edges }} as edges
        inner join {{ labels }} as labels
            on edges.{{ label }} = labels.{{ node }}
        group by edges.{{ node }}
    ),
    chosen as (
        select
            labels.{{ node }},
            least(labels.{{ label }}, heard.{{ label }}) as {{ label }}
        from {{ labels }} as labels
        inner join heard
            on labels.{{ node }} = heard.{{ node }}
    )
    select
        chosen.{{ node }},
        least(chosen.{{ label }}, parents.{{ label }}) as {{ label }}
    from chosen
    inner join chosen as parents
        on chosen.{{ label }} = parents.{{ node }}
{%- endmacro %}

{% macro component_changes_sql(before, after, node, label) -%}
    select count(*) as changed_count
    from {{ before }} as earlier
    inner join {{ after }} as later
        on earlier.{{ node }} = later.{{ node }}
    where earlier.{{ label }} <> later.{{ label }}
{%- endmacro %}

{% macro component_members_sql(pairs, labels, node, label) -%}
    select distinct
        pairs.{{ node }},
        coalesce(labels.{{ label }}, pairs.{{ node }}) as {{ label }}
    from {{ pairs }} as pairs
    left join {{ labels }} as labels
        on pairs.{{ node }} = labels.{{ node }}
{%- endmacro %}
