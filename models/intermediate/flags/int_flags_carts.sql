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

current_carts as (

    select
        customer_id,
        nullif({{ last_by('coalesce(cart_amount, -1)', ['last_activity_at', 'cart_id']) }}, -1) as open_cart_amount
    from carts
    where
        outcome in ('open', 'abandoned')
        and {{ is_within_days('last_activity_date', var('cart_abandoner_days')) }}
    group by customer_id

),

ranked as (

    select
        *,
        {{ ranked('open_cart_amount') }}
    from current_carts

),

final as (

    select
        customers.customer_id,
        case when inputs.has_events then coalesce(summed.carts_count, 0) end as carts_count,
        case when inputs.has_events then coalesce(summed.open_carts_count, 0) end as open_carts_count,
        case when inputs.has_events and inputs.has_purchases then coalesce(summed.abandoned_carts_count, 0) end
            as abandoned_carts_count,
        {{ days_since('summed.last_abandoned_date') }} as days_since_last_abandoned_cart,
        ranked.open_cart_amount,
        case
            when ranked.open_cart_amount is not null
                then {{ rank_score(
                    'ranked.open_cart_amount_rank', 'ranked.open_cart_amount_values', var('order_value_bands_count')
                ) }}
        end as open_cart_score,
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
    left join ranked
        on customers.customer_id = ranked.customer_id
    cross join inputs

)

select * from final
