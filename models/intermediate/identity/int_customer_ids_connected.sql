-- Grain: one row per shop customer id, with the id of its person: the smallest of all customer ids connected to it.
with recursive evidence as (

    select * from {{ ref('int_identity_evidence_unioned') }}

),

links as (

    select * from {{ ref('int_identifiers_linked') }}

),

customer_ids as (

    select shop_customer_id
    from evidence
    where shop_customer_id is not null
    union
    select shop_customer_id
    from links
    where not is_junk

),

-- A star around the smallest id of each identifier connects as much as all pairs would.
edges as (

    select
        shop_customer_id as from_id,
        smallest_customer_id as to_id
    from links
    where not is_junk and shop_customer_id <> smallest_customer_id
    union
    select
        smallest_customer_id as from_id,
        shop_customer_id as to_id
    from links
    where not is_junk and shop_customer_id <> smallest_customer_id

),

reached as (

    select
        from_id as start_id,
        from_id as reached_id
    from edges
    union
    select
        reached.start_id,
        edges.to_id as reached_id
    from reached
    inner join edges
        on reached.reached_id = edges.from_id

),

components as (

    select
        start_id,
        min(reached_id) as customer_id
    from reached
    group by start_id

),

final as (

    select
        customer_ids.shop_customer_id,
        coalesce(components.customer_id, customer_ids.shop_customer_id) as customer_id
    from customer_ids
    left join components
        on customer_ids.shop_customer_id = components.start_id

)

select * from final
