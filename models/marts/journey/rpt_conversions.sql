-- Grain: one row per month with a session. A session orders by a purchase event, or by an order placed during it on
-- its device. A cart counts in the month it was begun, once, whatever sessions it went through.
with sessions as (

    select * from {{ ref('fct_sessions') }}

),

session_orders as (

    select * from {{ ref('int_session_orders_ranked') }}

),

carts as (

    select * from {{ ref('fct_carts') }}

),

visited as (

    select
        {{ month_start('sessions.session_date') }} as month_date,
        sessions.customer_id,
        sessions.purchases_count > 0 or session_orders.session_key is not null as is_ordering
    from sessions
    left join session_orders
        on sessions.session_key = session_orders.session_key
    where not sessions.is_bot

),

visits as (

    select
        month_date,
        cast(count(*) as bigint) as sessions_count,
        {{ count_where('is_ordering') }} as ordering_sessions_count,
        cast(count(distinct customer_id) as bigint) as people_count,
        cast(count(distinct case when is_ordering then customer_id end) as bigint) as ordering_people_count
    from visited
    group by month_date

),

filled as (

    select
        {{ month_start(local_date('started_at')) }} as month_date,
        cast(count(*) as bigint) as carts_count,
        {{ count_where("outcome = 'ordered'") }} as ordered_carts_count
    from carts
    where outcome is not null and added_quantity > 0
    group by {{ month_start(local_date('started_at')) }}

),

final as (

    select
        visits.sessions_count,
        visits.ordering_sessions_count,
        {{ ratio_bp('visits.ordering_sessions_count', 'visits.sessions_count') }} as session_conversion_bp,
        visits.people_count,
        visits.ordering_people_count,
        {{ ratio_bp('visits.ordering_people_count', 'visits.people_count') }} as people_conversion_bp,
        coalesce(filled.carts_count, 0) as carts_count,
        coalesce(filled.ordered_carts_count, 0) as ordered_carts_count,
        {{ ratio_bp('filled.carts_count - filled.ordered_carts_count', 'filled.carts_count') }} as cart_abandonment_bp,
        visits.month_date
    from visits
    left join filled
        on visits.month_date = filled.month_date

)

select * from final
