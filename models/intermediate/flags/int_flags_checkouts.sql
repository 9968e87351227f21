-- Grain: one row per listed customer: how far they came lately, and what keeps them from ordering.
-- Null for everybody where no events ever landed, or neither orders nor purchases say who bought in the end.
with carts as (

    select * from {{ ref('int_flags_carts') }}

),

visits as (

    select * from {{ ref('int_recent_visits_summed') }}

),

orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

purchases as (

    select * from {{ ref('int_flags_purchases') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

operands as (

    select
        carts.customer_id,
        {% for kind in [
            'sessions', 'idle_sessions', 'product_views', 'cart_adds', 'checkouts', 'pending_cart_sessions',
            'pending_checkouts', 'latest_checkouts', 'latest_payment_errors'
        ] -%}
            coalesce(visits.{{ kind }}_count, 0) as {{ kind }}_count,
        {% endfor -%}
        visits.funnel_depth,
        coalesce({{ is_within_days('orders.last_order_date', var('funnel_days')) }}, false)
        or (not inputs.has_orders and coalesce(visits.purchases_count, 0) > 0) as has_ordered,
        coalesce(purchases.is_discount_lover, false) as is_discount_lover,
        coalesce(carts.open_cart_amount < {{ var('free_shipping_threshold_amount') }}, false) as is_below_threshold,
        inputs.has_events,
        inputs.has_events and (inputs.has_orders or inputs.has_purchase_events) as is_known
    from carts
    left join visits
        on carts.customer_id = visits.customer_id
    left join orders
        on carts.customer_id = orders.customer_id
    left join purchases
        on carts.customer_id = purchases.customer_id
    cross join inputs

),

final as (

    select
        customer_id,
        case
            when not has_events then null
            when funnel_depth is null then 'none'
            else coalesce({{ funnel_step('funnel_depth') }}, 'visit')
        end as funnel_step,
        case
            when not has_events then null
            when has_ordered then 'order'
            when checkouts_count > 0 then 'checkout'
            when cart_adds_count > 0 then 'cart'
            when product_views_count > 0 then 'view'
            when sessions_count > 0 then 'visit'
            else 'none'
        end as journey_step,
        case when has_events then idle_sessions_count end as idle_sessions_count,
        case when is_known then pending_cart_sessions_count end as pending_cart_sessions_count,
        case when is_known then pending_checkouts_count end as pending_checkouts_count,
        case when is_known then latest_checkouts_count end as latest_checkouts_count,
        case when is_known then latest_payment_errors_count end as latest_payment_errors_count,
        case
            when is_known
                then
                    latest_payment_errors_count > 0 or latest_checkouts_count >= {{ var('struggling_checkouts_count') }}
        end as is_struggling_to_check_out,
        case when is_known then pending_checkouts_count > 0 and not is_discount_lover end as is_ready_to_convert,
        case
            when is_known
                then
                    pending_cart_sessions_count >= {{ var('incentive_carts_count') }}
                    and (is_discount_lover or is_below_threshold)
        end as is_needs_incentive
    from operands

)

select * from final
