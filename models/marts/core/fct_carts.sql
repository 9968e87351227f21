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
        case
            when outcome is null or outcome <> 'abandoned' then null
            when has_payment_error then 'payment'
            when has_checkout then 'checkout'
            else 'cart'
        end as exit_step,
        case when outcome = 'abandoned' and has_payment_error then 'payment_failed' end as last_error,
        added_quantity,
        removed_quantity,
        cart_amount,
        last_activity_date,
        started_at,
        last_activity_at
    from carts

)

select * from final
