{{ config(materialized='connected_components') }}
-- Grain: one row per shop customer id, with the smallest of those that the shop itself says are the same customer.
-- It says so with one verified address on several accounts; with an alias if that outranks addresses.
with evidence as (

    select * from {{ ref('int_identity_evidence_unioned') }}

),

links as (

    select * from {{ ref('int_identifiers_linked') }}

),

verified as (

    select * from {{ ref('int_addresses_verified') }}

),

said as (

    select
        identifier,
        member_key
    from links
    where identifier like 'alias:%' and not is_junk
    union all
    select
        identifier,
        member_key
    from verified

),

final as (

    select
        'customer:' || shop_customer_id as member_key,
        'customer:' || shop_customer_id as group_key
    from evidence
    where shop_customer_id is not null
    union
    -- A star around the smallest connects as much as all pairs would; the smallest is paired with itself.
    select
        member_key,
        min(member_key) over (partition by identifier) as group_key
    from said
    {% if not var('alias_outranks_verified_emails') %}where identifier not like 'alias:%'{% endif %}

    union
    select
        member_key,
        member_key as group_key
    from said

)

select * from final
