{{ config(materialized='view') }}
-- Grain: one row per listed customer; null for everybody where no events ever landed.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

sessions as (

    select * from {{ ref('int_customer_sessions_summed') }}

),

visitors as (

    select * from {{ ref('int_visitors_compared') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

joined as (

    select
        sessions.*,
        customers.customer_id as listed_customer_id,
        visitors.orders_per_session_bp,
        visitors.long_visit_cut_seconds,
        visitors.many_views_cut_count,
        visitors.few_orders_cut_bp,
        visitors.is_indecisive,
        inputs.has_events,
        inputs.has_orders
    from customers
    left join sessions
        on customers.customer_id = sessions.customer_id
    left join visitors
        on customers.customer_id = visitors.customer_id
    cross join inputs

),

final as (

    select
        listed_customer_id as customer_id,
        {% for measure in visit_measures() %}
            case when has_events then coalesce({{ measure }}, 0) end as {{ measure }},
        {% endfor %}
        case when has_orders then orders_per_session_bp end as orders_per_session_bp,
        long_visit_cut_seconds,
        many_views_cut_count,
        case when has_orders then few_orders_cut_bp end as few_orders_cut_bp,
        {% for deed in visit_deeds() %}
            {{ days_since('last_' ~ deed ~ '_date') }} as days_since_last_{{ deed }},
        {% endfor %}
        {{ days_since('first_session_date') }} as days_since_first_session,
        case
            when has_events
                then coalesce({{ is_within_days('first_session_date', var('first_visitor_days')) }}, false)
        end as is_first_visitor,
        case
            when has_events
                then
                    coalesce(sessions_count, 0) >= {{ var('returning_visitor_sessions_count') }}
                    and {{ is_within_days('last_session_date', var('returning_visitor_days')) }}
        end as is_returning_visitor,
        case when has_events and has_orders then coalesce(is_indecisive, false) end as is_indecisive_shopper
    from joined

)

select * from final
