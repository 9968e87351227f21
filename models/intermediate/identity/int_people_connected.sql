{{ config(materialized='connected_components') }}
-- Grain: one row per group of accounts and per contact value of guests, with the smallest key it is connected to.
-- The query says which are the same person directly; the materialization follows the pairs to the end.
with accounts as (

    select * from {{ ref('int_accounts_grouped') }}

),

judged as (

    select * from {{ ref('int_identifiers_judged') }}

),

final as (

    select
        group_key as node_key,
        group_key as component_key
    from accounts
    union
    select
        node_key,
        node_key as component_key
    from judged
    where verdict = 'links'
    union
    -- A star around the smallest key of each identifier connects as much as all pairs would.
    select
        node_key,
        min(node_key) over (partition by identifier) as component_key
    from judged
    where verdict = 'links'

)

select * from final
