-- Grain: one row per product in a counted order: what it costs among its like, how much and how often it is bought.
-- Products of equal prices stand in their own middle: where all cost the same, nothing is cheap.
with order_products as (

    select * from {{ ref('int_order_products_summed') }}

),

quantities as (

    select
        product_id,
        quantity,
        {{ sum_int_over('count(*)', 'partition by product_id order by quantity, product_id') }} as reached_count,
        {{ sum_int_over('count(*)', 'partition by product_id') }} as orders_count
    from order_products
    group by product_id, quantity

),

bulks as (

    select
        product_id,
        min(quantity) as bulk_quantity
    from quantities
    where 10000 * reached_count >= {{ var('bulk_buyer_percentile_bp') }} * orders_count
    group by product_id

),

gaps as (

    select
        product_id,
        gap_days,
        count(*) as same_count,
        {{ sum_int_over('count(*)', 'partition by product_id order by gap_days, product_id') }} as reached_count,
        {{ sum_int_over('count(*)', 'partition by product_id') }} as gaps_count
    from order_products
    where gap_days > 0
    group by product_id, gap_days

),

rhythms as (

    select
        product_id,
        {{ sum_int('case when ' ~ holds_position('gaps_count + 1') ~ ' then gap_days else 0 end') }}
        + {{ sum_int('case when ' ~ holds_position('gaps_count + 2') ~ ' then gap_days else 0 end') }}
            as double_median_gap_days
    from gaps
    where gaps_count >= {{ var('replenishment_gaps_count') }}
    group by product_id

),

priced as (

    select
        product_id,
        max(category) as category,
        max(replenishment_days) as replenishment_days,
        {{ rounded_div('100000 * ' ~ sum_int(cents('list_value_amount')), milli('sum(quantity)')) }} as price_level
    from order_products
    group by product_id

),

ranked as (

    select
        *,
        {{ ratio_bp(
            '2 * rank() over (partition by category order by price_level) - 2'
            ~ ' + count(*) over (partition by category, price_level) - 1',
            '2 * count(*) over (partition by category) - 2'
        ) }} as price_percentile_bp
    from priced

),

final as (

    select
        ranked.product_id,
        case when ranked.category is not null then ranked.price_percentile_bp end as price_percentile_bp,
        rhythms.double_median_gap_days,
        ranked.replenishment_days,
        bulks.bulk_quantity
    from ranked
    inner join bulks
        on ranked.product_id = bulks.product_id
    left join rhythms
        on ranked.product_id = rhythms.product_id

)

select * from final
