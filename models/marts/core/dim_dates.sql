-- Grain: one row per calendar day from the first order or session to the as-of date.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

first_days as (

    select min(order_date) as first_date from orders
    union all
    select min(session_date) as first_date from sessions

),

range_of_days as (

    select coalesce(min(first_date), {{ as_of_date() }}) as first_date
    from first_days

),

spine as (

    select spine.calendar_date
    from {{ date_spine('(select first_date from range_of_days)', as_of_date()) }} as spine

),

final as (

    select
        cast(extract(year from calendar_date) as integer) as calendar_year,
        cast(extract(month from calendar_date) as integer) as calendar_month,
        {{ iso_weekday('calendar_date') }} as iso_weekday,
        {{ days_since('calendar_date') }} as days_before_as_of,
        calendar_date,
        cast(date_trunc('week', calendar_date) as date) as week_start_date,
        cast(date_trunc('month', calendar_date) as date) as month_start_date
    from spine

)

select * from final
