-- Grain: one row per shop customer id and per contact value that guests gave, with the key of its person.
-- Of a refused component only stands what the shop itself says, and of a group too large not even that.
with connected as (

    select * from {{ ref('int_people_connected') }}

),

accounts as (

    select * from {{ ref('int_accounts_grouped') }}

),

refused as (

    select * from {{ ref('int_components_refused') }}

),

final as (

    select
        coalesce(accounts.member_key, connected.node_key) as member_key,
        case
            when refused.component_key is null then connected.component_key
            when accounts.group_ids_count > {{ var('person_max_ids_count') }} then accounts.member_key
            else connected.node_key
        end as person_key,
        connected.component_key,
        refused.component_key is not null as is_kept_apart
    from connected
    left join accounts
        on connected.node_key = accounts.group_key
    left join refused
        on connected.component_key = refused.component_key

)

select * from final
