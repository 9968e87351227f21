{{ config(materialized='view') }}
-- Grain: one row per listed customer; null for everybody where no events ever landed.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

sessions as (

    select * from {{ ref('int_customer_sessions_summed') }}

),

orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

later_sessions as (

    select * from {{ ref('int_sessions_after_registration_counted') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

operands as (

    select
        customers.customer_id,
        customers.has_identifier,
        customers.registered_at is not null as is_registered,
        coalesce(orders.placed_orders_count, 0) as placed_orders_count,
        coalesce(orders.orders_count, 0) as orders_count,
        {{ days_since('orders.last_order_date') }} as days_since_last_order,
        coalesce(sessions.sessions_count, 0) as sessions_count,
        {{ days_since('sessions.last_session_date') }} as days_since_last_session,
        coalesce(later_sessions.sessions_after_registration_count, 0) as sessions_after_registration_count,
        coalesce(sessions.cart_adds_count + sessions.forms_count + sessions.order_attempts_count, 0)
            as requests_count,
        coalesce(sessions.product_views_count, 0) as product_views_count,
        inputs.has_events
    from customers
    left join sessions
        on customers.customer_id = sessions.customer_id
    left join orders
        on customers.customer_id = orders.customer_id
    left join later_sessions
        on customers.customer_id = later_sessions.customer_id
    cross join inputs

),

final as (

    select
        customer_id,
        case when has_events then sessions_count end as sessions_count,
        case when has_events then sessions_after_registration_count end as sessions_after_registration_count,
        case when has_events then product_views_count end as product_views_count,
        case when has_events then requests_count end as requests_count,
        days_since_last_session,
        is_registered,
        case
            when has_events
                then
                    is_registered
                    and orders_count = 0
                    and sessions_after_registration_count >= {{ var('registered_browser_sessions_count') }}
        end as is_registered_browser,
        case
            when has_events
                then
                    not has_identifier
                    and not is_registered
                    and placed_orders_count = 0
                    and requests_count = 0
                    and coalesce(days_since_last_session < {{ var('curious_browser_days') }}, false)
        end as is_curious_browser,
        case
            when has_events and orders_count > 0
                then
                    days_since_last_order >= {{ var('idle_order_days') }}
                    and coalesce(days_since_last_session >= {{ var('idle_session_days') }}, true)
        end as is_idle
    from operands

)

select * from final
