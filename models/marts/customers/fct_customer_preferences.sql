-- Grain: one row per known customer who bought or dealt with a product: what the person likes, and at which price.
-- Medians decide exactly, doubled; the rounded ones beside the flags are for people.
with purchases as (

    select * from {{ ref('int_flags_purchases') }}

),

baskets as (

    select * from {{ ref('int_customer_baskets_measured') }}

),

habits as (

    select * from {{ ref('fct_customer_habits') }}

),

interests as (

    select * from {{ ref('fct_customer_interests') }}

),

interested as (

    select
        customer_id,
        {{ min_where('tag', 'is_main_interest') }} as main_interest,
        {{ count_where('is_interested') }} as interests_count
    from interests
    group by customer_id

),

people as (

    select customer_id from habits
    union
    select customer_id from interested

),

final as (

    select
        people.customer_id,
        habits.last_product_id,
        case
            when habits.top_category_share_bp >= {{ var('dominant_category_min_share_bp') }} then habits.top_category
            when habits.top_category is not null then 'mixed'
        end as dominant_category,
        habits.main_product_line,
        habits.product_lines,
        case when purchases.is_repeat_loyal then habits.favourite_line end as loyal_line,
        interested.main_interest,
        habits.life_stage,
        habits.follow_up_category,
        habits.top_category_share_bp,
        {{ value_where('habits.regular_lines_count', 'habits.product_lines_count > 0') }} as regular_lines_count,
        baskets.bulk_orders_count,
        {{ rounded_div('baskets.double_paid_share_bp', '2') }} as median_paid_share_bp,
        {{ rounded_div('baskets.double_price_percentile_bp', '2') }} as median_price_percentile_bp,
        {{ ratio_bp('baskets.first_purchases_count', 'baskets.purchases_count') }} as first_purchase_share_bp,
        habits.refunded_order_share_bp,
        baskets.launched_collections_count,
        baskets.followed_collections_count,
        habits.due_products_count,
        interested.interests_count,
        {{ value_where('habits.regular_lines_count > 0', 'habits.product_lines_count > 0') }} as is_regular_buyer,
        baskets.bulk_orders_count > 0 as is_bulk_buyer,
        baskets.followed_collections_count >= {{ var('trendy_collections_count') }}
        and 10000 * baskets.followed_collections_count
        >= {{ var('trendy_min_share_bp') }} * baskets.launched_collections_count as is_trendy,
        baskets.double_price_percentile_bp <= {{ 2 * var('refill_buyer_max_percentile_bp') }} as is_refill_buyer,
        baskets.double_price_percentile_bp >= {{ 2 * var('luxury_buyer_min_percentile_bp') }} as is_luxury_buyer,
        {{ value_where(
            'baskets.has_enough_full_price_revenue and baskets.double_price_percentile_bp >= '
            ~ 2 * var('premium_payer_min_percentile_bp'),
            'purchases.full_price_revenue_share_bp is not null and baskets.double_price_percentile_bp is not null'
        ) }} as is_premium_payer,
        {{ value_where('habits.due_products_count > 0', 'habits.dated_products_count > 0') }}
            as is_due_for_replenishment,
        {{ value_where('habits.follow_up_category is not null', 'habits.categories_count > 0') }}
            as is_follow_up_candidate
    from people
    left join habits
        on people.customer_id = habits.customer_id
    left join baskets
        on people.customer_id = baskets.customer_id
    left join purchases
        on people.customer_id = purchases.customer_id
    left join interested
        on people.customer_id = interested.customer_id

)

select * from final
