-- Grain: one row per person who ever was in the loyalty programme, by any account.
with memberships as (

    select * from {{ ref('stg_shop__loyalty_memberships') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

final as (

    select
        connected.customer_id,
        bool_or(memberships.left_at is null) as is_loyalty_member,
        min(memberships.joined_at) as first_joined_at
    from memberships
    inner join connected
        on memberships.shop_customer_id = connected.shop_customer_id
    group by connected.customer_id

)

select * from final
