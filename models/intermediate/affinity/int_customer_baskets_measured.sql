-- Grain: one row per person with a counted order of a known product: how much and at which prices.
-- Twice the median is kept, so that it stays an integer.
with order_products as (

    select * from {{ ref('int_order_products_summed') }}

),

products as (

    select * from {{ ref('int_products_measured') }}

),

collections as (

    select * from {{ ref('int_customer_collections_counted') }}

),

discounts as (

    select * from {{ ref('int_customer_discounts_summed') }}

),

bought as (

    select
        order_products.customer_id,
        order_products.order_id,
        order_products.product_id,
        order_products.gap_days,
        order_products.order_date,
        {% set is_recent = is_within_days('order_products.order_date', var('price_window_days')) -%}
        case when {{ is_recent }} then products.price_percentile_bp end as price_percentile_bp,
        case when {{ is_recent }} then order_products.paid_share_bp end as paid_share_bp,
        order_products.quantity >= products.bulk_quantity
        and order_products.quantity >= {{ var('bulk_buyer_units_count') }} as is_bulk
    from order_products
    inner join products
        on order_products.product_id = products.product_id

),

summed as (

    select
        customer_id,
        cast(count(*) as bigint) as purchases_count,
        {{ count_where('gap_days is null') }} as first_purchases_count,
        cast(count(distinct case when is_bulk then order_id end) as bigint) as bulk_orders_count,
        cast({{ sum_of_middle('price_percentile_bp') }} as bigint) as double_price_percentile_bp,
        cast({{ sum_of_middle('paid_share_bp') }} as bigint) as double_paid_share_bp
    from bought
    group by customer_id

),

final as (

    select
        summed.customer_id,
        summed.purchases_count,
        summed.first_purchases_count,
        summed.bulk_orders_count,
        summed.double_price_percentile_bp,
        summed.double_paid_share_bp,
        collections.launched_collections_count,
        collections.followed_collections_count,
        10000 * {{ cents('discounts.full_price_net_revenue_amount') }}
        >= {{ var('premium_payer_min_full_price_share_bp') }} * {{ cents('discounts.window_net_revenue_amount') }}
            as has_enough_full_price_revenue
    from summed
    left join collections
        on summed.customer_id = collections.customer_id
    left join discounts
        on summed.customer_id = discounts.customer_id

)

select * from final
