-- Grain: one row per person with a counted order of a known product: what is bought most, again, and next.
with orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

products as (

    select * from {{ ref('fct_customer_products') }}

),

product_groups as (

    select * from {{ ref('fct_customer_product_groups') }}

),

next_steps as (

    select * from {{ ref('fct_customer_next_steps') }}

),

repurchased as (

    select
        customer_id,
        max(case when latest_rank = 1 then product_id end) as last_product_id,
        {{ count_where('is_due') }} as due_products_count,
        cast(count(due_date) as bigint) as dated_products_count
    from products
    group by customer_id

),

preferred as (

    select
        customer_id,
        {{ min_where('group_name', "group_kind = 'category' and is_most_bought") }} as top_category,
        max(case when group_kind = 'category' and is_most_bought then recent_units_share_bp end)
            as top_category_share_bp,
        {{ min_where('group_name', "group_kind = 'product_line' and is_most_bought") }} as main_product_line,
        {{ distinct_list("case when group_kind = 'product_line' and recent_orders_count > 0 then group_name end") }}
            as product_lines,
        {{ min_where('group_name', "group_kind = 'product_line' and is_most_ordered") }} as most_ordered_line,
        max(case when group_kind = 'product_line' then recent_orders_count end) as most_ordered_line_orders_count,
        {{ count_where("group_kind = 'product_line'") }} as product_lines_count,
        {{ count_where("group_kind = 'product_line' and is_regular") }} as regular_lines_count,
        {{ count_where("group_kind = 'category'") }} as categories_count
    from product_groups
    group by customer_id

),

stepped as (

    select
        customer_id,
        {{ min_where('next_name', "kind = 'life_stage'") }} as life_stage,
        {{ min_where('next_name', "kind = 'follow_up'") }} as follow_up_category
    from next_steps
    group by customer_id

),

final as (

    select
        repurchased.customer_id,
        repurchased.last_product_id,
        preferred.top_category,
        preferred.main_product_line,
        preferred.product_lines,
        {{ value_where('preferred.most_ordered_line',
            '10000 * preferred.most_ordered_line_orders_count >= orders.orders_in_loyal_window_count * '
            ~ var('loyal_line_min_share_bp')
        ) }} as favourite_line,
        stepped.life_stage,
        stepped.follow_up_category,
        preferred.top_category_share_bp,
        {{ ratio_bp('orders.refunded_orders_count', 'orders.bought_orders_count') }} as refunded_order_share_bp,
        preferred.product_lines_count,
        preferred.regular_lines_count,
        preferred.categories_count,
        repurchased.dated_products_count,
        repurchased.due_products_count
    from repurchased
    inner join orders
        on repurchased.customer_id = orders.customer_id
    left join preferred
        on repurchased.customer_id = preferred.customer_id
    left join stepped
        on repurchased.customer_id = stepped.customer_id

)

select * from final
