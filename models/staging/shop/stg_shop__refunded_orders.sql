-- Grain: one row per order that has a refund of its own at any date.
-- Timeless on purpose: an order of status refunded goes by its refund rows, even by those that are still to come.
with refunds as (

    select * from {{ source('raw', 'refunds') }}

),

final as (

    select distinct order_id
    from refunds
    where order_id is not null

)

select * from final
