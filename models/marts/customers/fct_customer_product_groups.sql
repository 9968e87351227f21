-- Grain: one row per customer and category, product line or trigger tag that the customer ever bought.
-- How much gaps vary is decided in whole numbers, for all gaps that there were: n * sum of squares - (sum)^2 against
-- (sum)^2 is the square of the coefficient of variation.
with order_groups as (

    select * from {{ ref('int_order_groups_gapped') }}

),

spaced as (

    select
        *,
        {{ is_within_days('order_date', var('preference_window_days')) }} as is_recent,
        case when gap_days > 0 then gap_days end as real_gap_days
    from order_groups

),

summed as (

    select
        customer_id,
        group_kind,
        group_name,
        cast(count(*) as bigint) as orders_count,
        {{ count_where('is_recent') }} as recent_orders_count,
        cast(count(real_gap_days) + 1 as bigint) as purchase_days_count,
        cast(sum(quantity) as decimal(18, 3)) as units_quantity,
        cast(sum(case when is_recent then quantity else 0 end) as decimal(18, 3)) as recent_units_quantity,
        cast({{ sum_of_middle('real_gap_days') }} as bigint) as double_median_gap_days,
        cast(count(real_gap_days) as bigint) as gaps_count,
        {{ sum_int('gap_days') }} as gaps_days,
        {{ sum_int('cast(gap_days as bigint) * gap_days') }} as squared_gaps_days,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from spaced
    group by customer_id, group_kind, group_name

),

final as (

    select
        customer_id,
        group_kind,
        group_name,
        orders_count,
        recent_orders_count,
        purchase_days_count,
        units_quantity,
        recent_units_quantity,
        {{ ratio_bp(
            milli('recent_units_quantity'),
            sum_int_over(milli('recent_units_quantity'), 'partition by customer_id, group_kind')
        ) }} as recent_units_share_bp,
        {{ active_months('first_order_date') }} as active_months_count,
        cast(
            {{ rounded_div(milli('units_quantity'), active_months('first_order_date')) }}
            * cast(0.001 as decimal(4, 3)) as decimal(18, 3)
        ) as units_per_active_month_quantity,
        {{ rounded_div('double_median_gap_days', '2') }} as median_gap_days,
        purchase_days_count >= {{ var('regular_buyer_purchases_count') }}
        and 10000 * (gaps_count * squared_gaps_days - gaps_days * gaps_days)
        <= {{ var('regular_buyer_max_variation_bp') * var('regular_buyer_max_variation_bp') // 10000 }}
        * gaps_days * gaps_days as is_regular,
        recent_units_quantity > 0
        and recent_units_quantity = max(recent_units_quantity) over (partition by customer_id, group_kind)
            as is_most_bought,
        recent_orders_count > 0
        and recent_orders_count = max(recent_orders_count) over (partition by customer_id, group_kind)
            as is_most_ordered,
        first_order_date,
        last_order_date
    from summed

)

select * from final
