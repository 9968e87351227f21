{{ config(materialized='view') }}
-- Grain: one row per membership in the loyalty programme, with the person.
with memberships as (

    select * from {{ ref('stg_shop__loyalty_memberships') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

final as (

    select
        connected.customer_id,
        memberships.shop_customer_id,
        memberships.joined_at,
        memberships.left_at
    from memberships
    inner join connected
        on memberships.shop_customer_id = connected.shop_customer_id

)

select * from final
