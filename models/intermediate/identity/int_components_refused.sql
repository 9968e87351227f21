-- Grain: one row per component that is no one person.
-- It has too many ids, or accounts with different verified addresses.
with connected as (

    select * from {{ ref('int_people_connected') }}

),

accounts as (

    select * from {{ ref('int_accounts_grouped') }}

),

members as (

    select
        connected.component_key,
        connected.node_key,
        accounts.member_key,
        coalesce(accounts.is_verified, false) as is_verified
    from connected
    left join accounts
        on connected.node_key = accounts.group_key

),

measured as (

    select
        component_key,
        cast(count(*) as bigint) as ids_count,
        cast(count(member_key) as bigint) as customer_ids_count,
        cast(count(distinct case when is_verified then node_key end) as bigint) as verified_customers_count
    from members
    group by component_key

),

final as (

    select
        component_key,
        case when ids_count > {{ var('person_max_ids_count') }} then 'too_many_ids' else 'disputed' end as verdict,
        ids_count,
        customer_ids_count,
        verified_customers_count
    from measured
    where ids_count > {{ var('person_max_ids_count') }} or verified_customers_count > 1

)

select * from final
