-- Grain: one row per person known, with the kind of customer and when the person was active.
with people as (

    select * from {{ ref('int_people_known') }}

),

accounts as (

    select * from {{ ref('int_customer_accounts_summed') }}

),

orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

sessions as (

    select * from {{ ref('int_customer_sessions_summed') }}

),

outreach as (

    select * from {{ ref('int_customer_outreach_dated') }}

),

joined as (

    select
        people.customer_id,
        people.has_identifier,
        coalesce(accounts.customer_ids_count, 0) as customer_ids_count,
        coalesce(orders.orders_count, 0) as orders_count,
        least(
            accounts.first_registered_date,
            orders.first_placed_date,
            sessions.first_session_date,
            outreach.first_seen_date
        ) as first_seen_date,
        greatest(
            accounts.last_registered_date,
            orders.last_placed_date,
            sessions.last_session_date,
            outreach.last_activity_date
        ) as last_activity_date,
        least(accounts.registered_at, sessions.first_signup_at) as registered_at
    from people
    left join accounts
        on people.customer_id = accounts.customer_id
    left join orders
        on people.customer_id = orders.customer_id
    left join sessions
        on people.customer_id = sessions.customer_id
    left join outreach
        on people.customer_id = outreach.customer_id

),

final as (

    select
        customer_id,
        case
            when has_identifier and orders_count > 0 then 'buyer'
            when has_identifier then 'lead'
            when orders_count > 0 then 'guest'
            else 'anonymous'
        end as customer_kind,
        customer_ids_count,
        has_identifier,
        first_seen_date,
        last_activity_date,
        registered_at
    from joined

)

select * from final
