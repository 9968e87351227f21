-- Grain: one row per person anybody or anything ever pointed to.
with connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

identifiers as (

    select * from {{ ref('int_identifiers_resolved') }}

),

orders as (

    select * from {{ ref('int_orders_attributed') }}

),

sessions as (

    select * from {{ ref('int_sessions_attributed') }}

),

pointers as (

    select
        customer_id,
        true as has_identifier
    from connected
    union all
    select
        customer_id,
        true as has_identifier
    from identifiers
    union all
    select
        customer_id,
        false as has_identifier
    from orders
    union all
    select
        customer_id,
        false as has_identifier
    from sessions

),

final as (

    select
        customer_id,
        bool_or(has_identifier) as has_identifier
    from pointers
    group by customer_id

)

select * from final
