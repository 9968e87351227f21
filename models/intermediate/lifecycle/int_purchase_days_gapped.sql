-- Grain: one row per person and local day with a counted order.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

purchase_days as (

    select
        customer_id,
        order_date as purchase_date
    from orders
    where is_counted
    group by customer_id, order_date

),

lagged as (

    select
        *,
        lag(purchase_date) over (partition by customer_id order by purchase_date) as previous_purchase_date,
        row_number() over (partition by customer_id order by purchase_date) as purchase_day_number
    from purchase_days

),

final as (

    select
        customer_id,
        cast(purchase_day_number as bigint) as purchase_day_number,
        {{ days_between('previous_purchase_date', 'purchase_date') }} as gap_days,
        previous_purchase_date,
        purchase_date
    from lagged

)

select * from final
