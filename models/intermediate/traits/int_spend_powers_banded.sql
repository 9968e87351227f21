-- Grain: one row per person who bought a product at a price: what the person usually pays for one.
-- A stand-in for income, and named as one: the fifth of buyers in which the median unit price paid lies. Equal medians,
-- equal bands. Gift cards are money, not a choice of price. Twice the median is ranked, so that it stays exact.
with order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

products as (

    select * from {{ ref('stg_shop__products') }}

),

priced as (

    select
        orders.customer_id,
        cast(order_lines.unit_price * orders.fx_rate as decimal(18, 4)) as price
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    left join products
        on order_lines.product_id = products.product_id
    where
        orders.is_counted
        and order_lines.quantity > 0
        and order_lines.unit_price > 0
        and not coalesce(products.is_gift_card, false)

),

medians as (

    select
        customer_id,
        cast({{ sum_of_middle('price') }} as decimal(18, 4)) as double_median_price
    from priced
    group by customer_id

),

ranked as (

    select
        customer_id,
        double_median_price,
        rank() over (order by double_median_price) as price_rank,
        count(*) over () as buyers_count
    from medians

),

final as (

    select
        customer_id,
        {{ rank_score('price_rank', 'buyers_count', spend_powers() | length) }} as spend_power_score,
        cast(double_median_price * cast(0.5 as decimal(2, 1)) as decimal(18, 4)) as median_unit_price_amount
    from ranked

)

select * from final
