-- Grain: one row per shop customer id: how others join their own ids to the person.
with members as (

    select * from {{ ref('int_members_named') }}

),

accounts as (

    select * from {{ ref('stg_shop__customers') }}

),

final as (

    select
        members.member_id as shop_customer_id,
        accounts.shop_id,
        members.customer_id
    from members
    left join accounts
        on members.shop_customer_id = accounts.shop_customer_id
    where members.shop_customer_id is not null

)

select * from final
