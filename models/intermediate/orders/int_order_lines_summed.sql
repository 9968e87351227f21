-- Grain: one row per order that has lines.
-- Amounts are in the currency of the order and not rounded: an order is converted once and rounded once.
with order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

products as (

    select * from {{ ref('stg_shop__products') }}

),

final as (

    select
        order_lines.order_id,
        cast(count(*) as bigint) as lines_count,
        nullif(cast(count(distinct order_lines.product_id) as bigint), 0) as products_count,
        cast(coalesce(sum(order_lines.quantity), 0) as decimal(18, 3)) as units_quantity,
        {{ sum_exact('order_lines.quantity * order_lines.unit_price') }} as lines_amount,
        {{ sum_exact('case when products.is_gift_card then order_lines.quantity * order_lines.unit_price end') }}
            as gift_card_lines_amount,
        coalesce(bool_or({{ is_discounted_line('order_lines') }}), false) as has_discounted_line,
        bool_or(order_lines.list_price is not null) as has_list_price
    from order_lines
    left join products
        on order_lines.product_id = products.product_id
    group by order_lines.order_id

)

select * from final
