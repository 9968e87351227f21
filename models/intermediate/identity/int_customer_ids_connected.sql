{{ config(materialized='connected_components') }}
-- Grain: one row per shop customer id, with the id of its person: the smallest of all customer ids connected to it.
-- The query says which ids are the same person directly; the materialization follows the pairs to the end.
with evidence as (

    select * from {{ ref('int_identity_evidence_unioned') }}

),

links as (

    select * from {{ ref('int_identifiers_linked') }}

),

final as (

    select
        shop_customer_id,
        shop_customer_id as customer_id
    from evidence
    where shop_customer_id is not null
    union
    select
        shop_customer_id,
        shop_customer_id as customer_id
    from links
    where not is_junk
    -- A star around the smallest id of each identifier connects as much as all pairs would.
    union
    select
        shop_customer_id,
        smallest_customer_id as customer_id
    from links
    where not is_junk

)

select * from final
