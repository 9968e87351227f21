-- Grain: one row per listed customer; null for everybody where no events ever landed.
-- Who left a cart is known only where orders or purchase events say who did not.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

carts as (

    select * from {{ ref('int_carts_resolved') }}

),

inputs as (

    select
        has_events,
        has_orders or has_purchase_events as has_purchases
    from {{ ref('int_inputs_summarized') }}

),

summed as (

    select
        customer_id,
        cast(count(*) as bigint) as carts_count,
        {{ count_where("outcome = 'open'") }} as open_carts_count,
        {{ count_where("outcome = 'abandoned'") }} as abandoned_carts_count,
        max(case when outcome = 'abandoned' then last_activity_date end) as last_abandoned_date
    from carts
    group by customer_id

),

final as (

    select
        customers.customer_id,
        case when inputs.has_events then coalesce(summed.carts_count, 0) end as carts_count,
        case when inputs.has_events then coalesce(summed.open_carts_count, 0) end as open_carts_count,
        case when inputs.has_events and inputs.has_purchases then coalesce(summed.abandoned_carts_count, 0) end
            as abandoned_carts_count,
        {{ days_since('summed.last_abandoned_date') }} as days_since_last_abandoned_cart,
        case
            when inputs.has_events and inputs.has_purchases
                then coalesce(
                    {{ is_within_days('summed.last_abandoned_date', var('cart_abandoner_days')) }},
                    false
                )
        end as is_cart_abandoner
    from customers
    left join summed
        on customers.customer_id = summed.customer_id
    cross join inputs

)

select * from final
