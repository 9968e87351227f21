-- Grain: one row per person who ever bought: how often, how much and how deliberately.
-- What is null is not compared with others: no order in the window, no basket or no visit known.
with orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

baskets as (

    select * from {{ ref('int_customer_orders_measured') }}

),

sessions as (

    select * from {{ ref('int_customer_sessions_summed') }}

),

measured as (

    select
        orders.*,
        baskets.large_order_cut_amount,
        baskets.products_bought_count,
        case when baskets.baskets_count > 0 then baskets.double_median_products_count end
            as double_median_products_count,
        sessions.buying_window_product_views_count,
        {{ days_since('orders.first_order_date') }} as days_since_first_order,
        {{ days_since('orders.last_order_date') }} as days_since_last_order,
        {{ days_between('orders.first_order_date', 'orders.second_order_date') }} as second_order_gap_days,
        {{ active_months('orders.first_order_date') }} as active_months_count
    from orders
    inner join baskets
        on orders.customer_id = baskets.customer_id
    left join sessions
        on orders.customer_id = sessions.customer_id

),

final as (

    select
        customer_id,
        orders_count,
        case
            when buying_window_orders_count >= {{ var('frequent_buyer_orders_count') }} then 'frequent'
            when buying_window_orders_count > 0 then 'occasional'
            else 'inactive'
        end as buyer_frequency,
        case
            when orders_count >= {{ var('high_frequency_orders_count') }} * active_months_count then 'high'
            when orders_count >= {{ var('middle_frequency_orders_count') }} * active_months_count then 'middle'
            else 'low'
        end as order_frequency,
        case
            when buying_window_orders_count >= {{ var('frequent_buyer_orders_count') }} then 'high_'
            when buying_window_orders_count > 0 then 'low_'
        end
        || case
            when
                10000 * promotion_orders_count
                > {{ var('promotion_buyer_min_share_bp') }} * buying_window_orders_count
                then 'promotion'
            else 'full_price'
        end as price_habit,
        buying_window_orders_count,
        nullif(buying_window_orders_count, 0) as compared_orders_count,
        buying_window_largest_order_amount,
        large_order_cut_amount,
        case
            when buying_window_orders_count > 0
                then {{ money_of_cents(
                    rounded_div(cents('buying_window_revenue_amount'), 'buying_window_orders_count')
                ) }}
        end as order_value_amount,
        cast({{ rounded_div('10000 * double_median_products_count', '2') }} as bigint) as median_products_bp,
        {{ ratio_bp('buying_window_product_views_count', 'products_bought_count') }} as view_to_buy_bp,
        {{ ratio_bp('orders_count', 'active_months_count') }} as orders_per_month_bp,
        first_order_date = last_order_date as has_one_purchase_day,
        days_since_first_order,
        days_since_last_order,
        second_order_gap_days
    from measured

)

select * from final
