-- Grain: one row per person who ever bought.
-- Where buyers are compared with each other, equal buyers stand on the same side of every cut point.
with habits as (

    select * from {{ ref('int_customer_habits_measured') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

ranked as (

    select
        habits.*,
        inputs.has_discounts,
        inputs.has_events and max(habits.median_products_bp) over () is not null as has_baskets_and_visits,
        {{ ranked('compared_orders_count') }},
        {{ ranked('order_value_amount') }},
        {{ ranked('view_to_buy_bp') }},
        {{ ranked('second_order_gap_days') }}
    from habits
    cross join inputs

),

compared as (

    select
        *,
        {{ percentile_cut('compared_orders_count', var('big_buyer_percentile_bp')) }} as many_orders_cut_count,
        {{ percentile_cut('order_value_amount', var('thrifty_shopper_percentile_bp')) }} as low_order_value_cut_amount,
        {{ median_cut('view_to_buy_bp') }} as median_view_to_buy_bp,
        {{ median_cut('second_order_gap_days') }} as median_second_order_gap_days
    from ranked

),

final as (

    select
        customer_id,
        buyer_frequency,
        order_frequency,
        case when has_discounts then price_habit end as price_habit,
        buying_window_orders_count,
        orders_per_month_bp,
        buying_window_largest_order_amount,
        order_value_amount,
        median_products_bp,
        view_to_buy_bp,
        large_order_cut_amount,
        many_orders_cut_count,
        low_order_value_cut_amount,
        median_view_to_buy_bp,
        median_second_order_gap_days,
        case
            when order_value_amount is not null
                then {{ rank_score(
                    'order_value_amount_rank', 'order_value_amount_values', var('order_value_bands_count')
                ) }}
        end as order_value_score,
        case
            when median_second_order_gap_days is not null
                then orders_count = 1 and days_since_first_order > median_second_order_gap_days
        end as is_second_order_overdue,
        coalesce(
            buying_window_largest_order_amount >= large_order_cut_amount
            or (
                buying_window_orders_count >= {{ var('big_buyer_orders_count') }}
                and buying_window_orders_count >= many_orders_cut_count
            ),
            false
        ) as is_big_buyer,
        case
            when has_baskets_and_visits
                then
                    buying_window_orders_count >= {{ var('thrifty_shopper_orders_count') }}
                    and order_value_amount <= low_order_value_cut_amount
                    and 10000 * {{ var('thrifty_shopper_products_count') }} >= median_products_bp
                    and view_to_buy_bp <= median_view_to_buy_bp
        end as is_thrifty_shopper,
        has_one_purchase_day and days_since_first_order < {{ var('new_customer_days') }} as is_new_customer,
        not has_one_purchase_day and days_since_last_order < {{ var('new_customer_days') }} as is_returning_customer,
        days_since_first_order >= {{ var('regular_customer_days') }}
        and orders_count >= {{ var('regular_customer_orders_count') }} as is_regular_customer
    from compared

)

select * from final
