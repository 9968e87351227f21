-- Grain: one row per cart, with at most one outcome as of the as-of date.
with carts as (

    select * from {{ ref('int_carts_resolved') }}

),

final as (

    select
        cart_id,
        customer_id,
        order_id,
        outcome,
        added_quantity,
        removed_quantity,
        last_activity_date,
        started_at,
        last_activity_at
    from carts

)

select * from final
