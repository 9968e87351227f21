-- Grain: one row per person who ever bought: the middle order, by what it was worth and by what was in it.
-- Twice a median is kept, so that it stays exact.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

bought as (

    select
        customer_id,
        order_id,
        net_revenue_amount,
        case when {{ is_within_days('order_date', var('buying_window_days')) }} then net_revenue_amount end
            as window_amount,
        case when {{ is_within_days('order_date', var('buying_window_days')) }} then products_count end
            as window_products_count
    from orders
    where is_counted

),

placed as (

    select
        *,
        {{ ranked('window_amount') }},
        row_number() over (partition by customer_id order by net_revenue_amount, order_id) as amount_place,
        count(*) over (partition by customer_id) as amounts_count,
        row_number() over (
            partition by customer_id, window_products_count is null
            order by window_products_count, order_id
        ) as basket_place,
        count(window_products_count) over (partition by customer_id) as baskets_count
    from bought

),

compared as (

    select
        *,
        {{ percentile_cut('window_amount', var('big_buyer_percentile_bp')) }} as large_order_cut_amount
    from placed

),

final as (

    select
        customer_id,
        {{ sum_int('window_products_count') }} as products_bought_count,
        {{ sum_int(middle_two('window_products_count', 'basket_place', 'baskets_count')) }}
            as double_median_products_count,
        cast(max(baskets_count) as bigint) as baskets_count,
        {{ sum_money(middle_two('net_revenue_amount', 'amount_place', 'amounts_count')) }}
            as double_median_order_amount,
        max(large_order_cut_amount) as large_order_cut_amount
    from compared
    group by customer_id

)

select * from final
