-- Grain: one row per period with a buyer: months, and windows of retention_window_days back from the as-of date.
-- Kept is who bought in the period and in the one right before it.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

placed as (

    select
        customer_id,
        {{ months_between("cast('1970-01-01' as date)", 'order_date') }} as month_number,
        -cast({{ int_div(days_since('order_date'), var('retention_window_days')) }} as int) as window_number,
        {{ month_start('order_date') }} as month_start_date
    from orders
    where is_counted

),

bought as (

    select distinct
        'month' as period,
        customer_id,
        month_number as period_number,
        month_start_date < {{ month_start(as_of_date() ~ ' + 1') }} as is_whole,
        month_start_date as first_date
    from placed
    union all
    select distinct
        'window' as period,
        customer_id,
        window_number as period_number,
        true as is_whole,
        {{ as_of_date() }} + 1 + (window_number - 1) * {{ var('retention_window_days') }} as first_date
    from placed

),

followed as (

    select
        *,
        lag(period_number) over (partition by period, customer_id order by period_number) as previous_period_number
    from bought

),

summed as (

    select
        period,
        period_number,
        cast(count(*) as bigint) as buyers_count,
        {{ count_where('previous_period_number is null') }} as new_buyers_count,
        {{ count_where('previous_period_number = period_number - 1') }} as kept_buyers_count,
        is_whole,
        first_date
    from followed
    group by period, period_number, is_whole, first_date

),

previous as (

    select
        period,
        period_number,
        buyers_count
    from summed

),

final as (

    select
        summed.period,
        summed.buyers_count,
        summed.new_buyers_count,
        summed.kept_buyers_count,
        coalesce(previous.buyers_count, 0) as previous_buyers_count,
        {{ ratio_bp('summed.kept_buyers_count', 'previous.buyers_count') }} as retention_share_bp,
        summed.is_whole,
        summed.first_date
    from summed
    left join previous
        on summed.period = previous.period and summed.period_number - 1 = previous.period_number

)

select * from final
