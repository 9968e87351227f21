-- Grain: one row per visible order, with its value before refunds.
with orders as (

    select * from {{ ref('stg_shop__orders') }}

),

lines as (

    select * from {{ ref('int_order_lines_summed') }}

),

statuses as (

    select * from {{ ref('order_statuses') }}

),

valued as (

    select
        orders.*,
        lines.units_quantity,
        {{ money(
            'greatest(coalesce(orders.total_amount, lines.lines_amount - coalesce(orders.discount_amount, 0), 0), 0)'
        ) }} as product_amount,
        coalesce(lines.gift_card_lines_amount, 0) as gift_card_lines_amount,
        orders.discount_amount is not null or orders.coupon_code is not null or coalesce(lines.has_list_price, false)
            as is_discount_known,
        coalesce(orders.discount_amount, 0) > 0 or coalesce(lines.has_discounted_line, false) as is_discounted,
        {{ is_valid_order('orders', 'statuses') }} as is_valid
    from orders
    left join lines
        on orders.order_id = lines.order_id
    left join statuses
        on orders.status = statuses.status

),

final as (

    select
        order_id,
        shop_id,
        status,
        currency,
        sales_channel,
        shipping_country,
        shipping_region,
        units_quantity,
        product_amount,
        {{ money('product_amount + coalesce(discount_amount, 0)') }} as gross_amount,
        discount_amount,
        {{ money('least(gift_card_lines_amount, product_amount)') }} as gift_card_amount,
        shipping_amount,
        tax_amount,
        is_discount_known,
        is_discounted,
        is_valid,
        order_date,
        ordered_at,
        refund_implied_at
    from valued

)

select * from final
