-- Grain: one row per shop customer id: how others join their own ids to the person.
with connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

accounts as (

    select * from {{ ref('stg_shop__customers') }}

),

final as (

    select
        connected.shop_customer_id,
        accounts.shop_id,
        connected.customer_id
    from connected
    left join accounts
        on connected.shop_customer_id = accounts.shop_customer_id

)

select * from final
