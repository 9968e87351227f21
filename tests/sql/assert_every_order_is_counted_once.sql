{{ config(meta={"dagster": {"ref": {"name": "fct_orders"}}}) }}
-- Every visible order stands in the mart exactly once, with a person.
with staged as (

    select * from {{ ref('stg_shop__orders') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

final as (

    select
        staged.order_id as staged_order_id,
        orders.order_id as mart_order_id
    from staged
    full join orders
        on staged.order_id = orders.order_id
    where staged.order_id is null or orders.order_id is null or orders.customer_id is null

)

select * from final
