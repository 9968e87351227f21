-- Grain: one row per person who is listed: everybody but the devices that have been silent for anonymous_horizon_days.
with customers as (

    select * from {{ ref('int_customers_classified') }}

),

final as (

    select
        customer_id,
        customer_kind,
        customer_ids_count,
        has_identifier,
        first_seen_date,
        last_activity_date,
        registered_at
    from customers
    where
        customer_kind <> 'anonymous'
        or {{ is_within_days('last_activity_date', var('anonymous_horizon_days')) }}

)

select * from final
