-- Grain: one row per person with a counted order of a known product: what is bought most, again, and next.
with products as (

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

compared as (

    select
        *,
        max(recent_units_quantity) over (partition by customer_id, group_kind) as most_units_quantity,
        max(recent_orders_count) over (partition by customer_id, group_kind) as most_orders_count
    from product_groups

),

preferred as (

    select
        customer_id,
        {{ min_where('group_name', "group_kind = 'category' and " ~ is_most('units_quantity')) }} as top_category,
        max(case when {{ "group_kind = 'category' and " ~ is_most('units_quantity') }} then recent_units_share_bp end)
            as top_category_share_bp,
        {{ min_where('group_name', "group_kind = 'product_line' and " ~ is_most('units_quantity')) }}
            as main_product_line,
        {{ min_where('group_name', "group_kind = 'product_line' and " ~ is_most('orders_count')) }}
            as most_ordered_line,
        max(case when group_kind = 'product_line' then recent_orders_count end) as most_ordered_line_orders_count,
        {{ count_where("group_kind = 'product_line'") }} as product_lines_count,
        {{ count_where("group_kind = 'product_line' and is_regular") }} as regular_lines_count,
        {{ count_where("group_kind = 'category'") }} as categories_count
    from compared
    group by customer_id

),

stepped as (

    select
        customer_id,
        {{ min_where('next_name', "kind = 'life_stage'") }} as life_stage,
        {{ min_where('next_name', "kind = 'follow_up'") }} as follow_up_category,
        {{ count_where("kind = 'follow_up'") }} as follow_ups_count
    from next_steps
    group by customer_id

),

final as (

    select
        repurchased.customer_id,
        repurchased.last_product_id,
        preferred.top_category,
        preferred.main_product_line,
        preferred.most_ordered_line,
        stepped.life_stage,
        stepped.follow_up_category,
        preferred.top_category_share_bp,
        preferred.most_ordered_line_orders_count,
        preferred.product_lines_count,
        preferred.regular_lines_count,
        preferred.categories_count,
        repurchased.dated_products_count,
        repurchased.due_products_count,
        stepped.follow_ups_count
    from repurchased
    left join preferred
        on repurchased.customer_id = preferred.customer_id
    left join stepped
        on repurchased.customer_id = stepped.customer_id

)

select * from final
