{{ config(materialized='view') }}
-- Grain: one row per shop customer id, with the id of its person: the smallest of all customer ids connected to it.
with members as (

    select * from {{ ref('int_members_named') }}

),

final as (

    select
        shop_customer_id,
        customer_id,
        is_naming
    from members
    where shop_customer_id is not null

)

select * from final
