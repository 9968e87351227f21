-- Grain: one row per identifier (e-mail, or the alias of a customer id) and customer id seen with it.
-- An identifier seen with more than identifier_max_customers customer ids is junk and links nobody.
with evidence as (

    select * from {{ ref('int_identity_evidence_unioned') }}

),

pairs as (

    select
        'email:' || email as identifier,
        shop_customer_id,
        seen_at
    from evidence
    where email is not null and shop_customer_id is not null
    union all
    select
        'alias:' || alias_id as identifier,
        shop_customer_id,
        seen_at
    from evidence
    where alias_id is not null
    union all
    select
        'alias:' || alias_id as identifier,
        alias_id as shop_customer_id,
        seen_at
    from evidence
    where alias_id is not null

),

links as (

    select
        identifier,
        shop_customer_id,
        min(seen_at) as seen_at
    from pairs
    group by identifier, shop_customer_id

),

final as (

    select
        identifier,
        shop_customer_id,
        count(shop_customer_id) over (partition by identifier) > {{ var('identifier_max_customers') }} as is_junk,
        min(shop_customer_id) over (partition by identifier) as smallest_customer_id,
        seen_at
    from links

)

select * from final
