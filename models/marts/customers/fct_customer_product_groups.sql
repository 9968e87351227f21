-- Grain: one row per customer and category, product line or trigger tag that the customer ever bought.
-- How much gaps vary is decided in whole numbers, for all gaps that there were: n * sum of squares - (sum)^2 against
-- (sum)^2 is the square of the coefficient of variation.
with order_groups as (

    select * from {{ ref('int_order_groups_summed') }}

),

{% set is_recent = is_within_days('order_date', var('preference_window_days')) -%}
listed as (

    select
        customer_id,
        group_kind,
        group_name,
        cast(count(*) as bigint) as orders_count,
        {{ count_where(is_recent) }} as recent_orders_count,
        cast(sum(quantity) as decimal(18, 3)) as units_quantity,
        cast(sum(case when {{ is_recent }} then quantity else 0 end) as decimal(18, 3)) as recent_units_quantity,
        {{ list_of('order_date') }} as order_dates,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from order_groups
    group by customer_id, group_kind, group_name

),

-- Most bought on one day only, and have no gap.
gapped as (

    select
        *,
        case when first_order_date < last_order_date then {{ gaps_between('order_dates') }} end as gaps_days
    from listed

),

summed as (

    select
        *,
        coalesce({{ list_count('gaps_days') }}, 0) as gaps_count,
        {{ list_middle_sum('gaps_days') }} as double_median_gap_days,
        cast({{ days_between('first_order_date', 'last_order_date') }} as bigint) as spanned_days,
        coalesce({{ list_square_sum('gaps_days') }}, 0) as squared_gaps_days
    from gapped

),

kinds as (

    select
        customer_id,
        group_kind,
        {{ sum_int(milli('recent_units_quantity')) }} as recent_units_milli,
        max(recent_units_quantity) as most_units_quantity,
        max(recent_orders_count) as most_orders_count
    from summed
    group by customer_id, group_kind

),

final as (

    select
        summed.customer_id,
        summed.group_kind,
        summed.group_name,
        summed.orders_count,
        summed.recent_orders_count,
        summed.gaps_count + 1 as purchase_days_count,
        summed.units_quantity,
        summed.recent_units_quantity,
        {{ ratio_bp(milli('summed.recent_units_quantity'), 'kinds.recent_units_milli') }} as recent_units_share_bp,
        {{ active_months('summed.first_order_date') }} as active_months_count,
        cast(
            {{ rounded_div(milli('summed.units_quantity'), active_months('summed.first_order_date')) }}
            * cast(0.001 as decimal(4, 3)) as decimal(18, 3)
        ) as units_per_active_month_quantity,
        {{ rounded_div('summed.double_median_gap_days', '2') }} as median_gap_days,
        summed.gaps_count + 1 >= {{ var('regular_buyer_purchases_count') }}
        and 10000 * (summed.gaps_count * summed.squared_gaps_days - summed.spanned_days * summed.spanned_days)
        <= {{ var('regular_buyer_max_variation_bp') * var('regular_buyer_max_variation_bp') // 10000 }}
        * summed.spanned_days * summed.spanned_days as is_regular,
        summed.recent_units_quantity > 0 and summed.recent_units_quantity = kinds.most_units_quantity
            as is_most_bought,
        summed.recent_orders_count > 0 and summed.recent_orders_count = kinds.most_orders_count
            as is_most_ordered,
        summed.first_order_date,
        summed.last_order_date
    from summed
    inner join kinds
        on
            summed.customer_id = kinds.customer_id
            and summed.group_kind = kinds.group_kind

)

select * from final
