-- Grain: one row per person with a counted order of a known product: what the person likes to buy, and at which price.
-- Medians decide exactly, doubled; the rounded ones beside the flags are for people.
with orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

discounts as (

    select * from {{ ref('int_customer_discounts_summed') }}

),

purchases as (

    select * from {{ ref('int_flags_purchases') }}

),

baskets as (

    select * from {{ ref('int_customer_baskets_measured') }}

),

habits as (

    select * from {{ ref('fct_customer_habits') }}

),

final as (

    select
        habits.customer_id,
        habits.last_product_id,
        case
            when habits.top_category_share_bp >= {{ var('dominant_category_min_share_bp') }} then habits.top_category
            when habits.top_category is not null then 'mixed'
        end as dominant_category,
        habits.main_product_line,
        {{ value_where(
            'habits.most_ordered_line',
            'purchases.is_repeat_loyal and 10000 * habits.most_ordered_line_orders_count >= '
            ~ var('loyal_line_min_share_bp') ~ ' * orders.orders_in_loyal_window_count'
        ) }} as loyal_line,
        habits.life_stage,
        habits.follow_up_category,
        habits.top_category_share_bp,
        habits.regular_lines_count,
        baskets.bulk_orders_count,
        {{ rounded_div('baskets.double_paid_share_bp', '2') }} as median_paid_share_bp,
        {{ rounded_div('baskets.double_price_percentile_bp', '2') }} as median_price_percentile_bp,
        {{ ratio_bp('baskets.first_purchases_count', 'baskets.purchases_count') }} as first_purchase_share_bp,
        {{ ratio_bp('orders.refunded_orders_count', 'orders.bought_orders_count') }} as refunded_order_share_bp,
        baskets.launched_collections_count,
        baskets.followed_collections_count,
        habits.due_products_count,
        {{ value_where('habits.regular_lines_count > 0', 'habits.product_lines_count > 0') }} as is_regular_buyer,
        baskets.bulk_orders_count > 0 as is_bulk_buyer,
        baskets.followed_collections_count >= {{ var('trendy_collections_count') }}
        and 10000 * baskets.followed_collections_count
        >= {{ var('trendy_min_share_bp') }} * baskets.launched_collections_count as is_trendy,
        baskets.double_price_percentile_bp <= {{ 2 * var('refill_buyer_max_percentile_bp') }} as is_refill_buyer,
        baskets.double_price_percentile_bp >= {{ 2 * var('luxury_buyer_min_percentile_bp') }} as is_luxury_buyer,
        {{ value_where(
            'baskets.double_price_percentile_bp >= ' ~ 2 * var('premium_payer_min_percentile_bp')
            ~ ' and 10000 * ' ~ cents('discounts.full_price_net_revenue_amount')
            ~ ' >= ' ~ var('premium_payer_min_full_price_share_bp')
            ~ ' * ' ~ cents('discounts.window_net_revenue_amount'),
            'purchases.full_price_revenue_share_bp is not null and baskets.double_price_percentile_bp is not null'
        ) }} as is_premium_payer,
        {{ value_where('habits.due_products_count > 0', 'habits.dated_products_count > 0') }}
            as is_due_for_replenishment,
        {{ value_where('coalesce(habits.follow_ups_count, 0) > 0', 'habits.categories_count > 0') }}
            as is_follow_up_candidate
    from habits
    inner join baskets
        on habits.customer_id = baskets.customer_id
    inner join orders
        on habits.customer_id = orders.customer_id
    inner join purchases
        on habits.customer_id = purchases.customer_id
    left join discounts
        on habits.customer_id = discounts.customer_id

)

select * from final
