-- Grain: one row per person with a purchase event, in a shop of which no order is known: only there events speak of it.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

final as (

    select
        attributed.customer_id,
        max(sessions.last_purchase_at) as last_purchase_at
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key
    cross join inputs
    where sessions.purchases_count > 0 and not inputs.has_orders
    group by attributed.customer_id

)

select * from final
