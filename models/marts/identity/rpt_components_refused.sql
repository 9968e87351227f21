-- Grain: one row per component of ids that evidence connects and that is no one person: its ids are kept apart.
with refused as (

    select * from {{ ref('int_components_refused') }}

),

members as (

    select * from {{ ref('int_members_named') }}

),

final as (

    select
        members.member_id as smallest_id,
        refused.verdict,
        refused.ids_count,
        refused.customer_ids_count,
        refused.verified_customers_count
    from refused
    inner join members
        on refused.component_key = members.member_key

)

select * from final
