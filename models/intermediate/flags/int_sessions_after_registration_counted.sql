-- Grain: one row per person with a session that starts strictly after the person registered.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

final as (

    select
        customers.customer_id,
        cast(count(*) as bigint) as sessions_after_registration_count
    from customers
    inner join attributed
        on customers.customer_id = attributed.customer_id
    inner join sessions
        on attributed.session_key = sessions.session_key
    where
        sessions.started_at > customers.registered_at
        and not sessions.is_bot
    group by customers.customer_id

)

select * from final
