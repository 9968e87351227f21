-- Grain: one row per customer and product ever bought: when it was last, and when it will be needed again.
with order_products as (

    select * from {{ ref('int_order_products_summed') }}

),

products as (

    select * from {{ ref('int_products_measured') }}

),

summed as (

    select
        customer_id,
        product_id,
        cast(count(case when gap_days > 0 then 1 end) + 1 as bigint) as purchase_days_count,
        cast(sum(quantity) as decimal(18, 3)) as units_quantity,
        max(case when is_latest then quantity end) as last_quantity,
        cast({{ sum_of_middle('case when gap_days > 0 then gap_days end') }} as bigint) as double_median_gap_days,
        max(order_date) as last_order_date,
        max(ordered_at) as last_ordered_at
    from order_products
    group by customer_id, product_id

),

expected as (

    select
        summed.*,
        case
            when summed.purchase_days_count >= {{ var('replenishment_purchases_count') }}
                then {{ rounded_div('summed.double_median_gap_days', '2') }}
        end as own_days,
        {{ rounded_div('products.double_median_gap_days * ' ~ milli('summed.last_quantity'), '2000') }}
            as product_days,
        products.replenishment_days as catalogue_days
    from summed
    inner join products
        on summed.product_id = products.product_id

),

dated as (

    select
        *,
        {% set days = 'coalesce(own_days, product_days, catalogue_days)' -%}
        cast({{ value_where(days, days ~ ' <= ' ~ var('replenishment_max_days')) }} as int) as expected_days
    from expected

),

final as (

    select
        customer_id,
        product_id,
        case
            when expected_days is null then null
            when own_days is not null then 'own'
            when product_days is not null then 'product'
            else 'catalogue'
        end as expected_from,
        purchase_days_count,
        units_quantity,
        last_quantity,
        cast(row_number() over (
            partition by customer_id
            order by last_ordered_at desc, product_id asc
        ) as bigint) as latest_rank,
        expected_days,
        {{ days_between(as_of_date(), 'last_order_date + expected_days') }} as days_until_due,
        {{ days_between(as_of_date(), 'last_order_date + expected_days') }}
        between -{{ var('replenishment_late_days') }} and {{ var('replenishment_early_days') }} as is_due,
        last_order_date,
        last_order_date + expected_days as due_date
    from dated

)

select * from final
