-- Grain: one row per month of the first order and month since, up to that of the as-of date.
-- A month in which nobody bought is one too: it says that nobody was kept.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

months as (

    select distinct month_start_date as month_date from {{ ref('dim_dates') }}

),

bought as (

    select
        customer_id,
        {{ month_start('order_date') }} as month_date,
        cast(count(*) as bigint) as orders_count,
        max(case when customer_order_number = 2 then 1 else 0 end) as second_orders_count,
        {{ sum_money('net_revenue_amount') }} as net_revenue_amount
    from orders
    where is_counted
    group by customer_id, {{ month_start('order_date') }}

),

placed as (

    select
        *,
        min(month_date) over (partition by customer_id) as cohort_date
    from bought

),

sizes as (

    select
        cohort_date,
        cast(count(distinct customer_id) as bigint) as cohort_buyers_count
    from placed
    group by cohort_date

),

summed as (

    select
        cohort_date,
        month_date,
        cast(count(*) as bigint) as buyers_count,
        {{ sum_int('orders_count') }} as orders_count,
        {{ sum_int('second_orders_count') }} as second_orders_count,
        {{ sum_money('net_revenue_amount') }} as net_revenue_amount
    from placed
    group by cohort_date, month_date

),

filled as (

    select
        {{ months_between('sizes.cohort_date', 'months.month_date') }} as month_number,
        sizes.cohort_buyers_count,
        coalesce(summed.buyers_count, 0) as buyers_count,
        {{ sum_int_over('coalesce(summed.second_orders_count, 0)',
            'partition by sizes.cohort_date order by months.month_date') }} as repeat_buyers_count,
        coalesce(summed.orders_count, 0) as orders_count,
        {{ money('coalesce(summed.net_revenue_amount, 0)') }} as net_revenue_amount,
        sizes.cohort_date,
        months.month_date
    from sizes
    inner join months
        on sizes.cohort_date <= months.month_date
    left join summed
        on sizes.cohort_date = summed.cohort_date and months.month_date = summed.month_date

),

final as (

    select
        month_number,
        cohort_buyers_count,
        buyers_count,
        repeat_buyers_count,
        orders_count,
        net_revenue_amount,
        {{ ratio_bp('buyers_count', 'cohort_buyers_count') }} as buyers_share_bp,
        {{ ratio_bp('repeat_buyers_count', 'cohort_buyers_count') }} as repeat_share_bp,
        cohort_date,
        month_date
    from filled

)

select * from final
