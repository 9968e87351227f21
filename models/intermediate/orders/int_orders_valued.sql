-- Grain: one row per visible order, with its value before refunds.
-- Here, and nowhere else, money is converted: at the rate of the order's day, never at a later one, so that the past
-- keeps its value. What is named original is in the currency that was paid.
with orders as (

    select * from {{ ref('stg_shop__orders') }}

),

lines as (

    select * from {{ ref('int_order_lines_summed') }}

),

statuses as (

    select * from {{ ref('order_statuses') }}

),

rates as (

    select * from {{ ref('stg_shop__fx_rates') }}

),

valued as (

    select
        orders.*,
        lines.products_count,
        lines.units_quantity,
        {{ exact(
            'greatest(coalesce(orders.total_amount, lines.lines_amount - coalesce(orders.discount_amount, 0), 0), 0)'
        ) }} as original_product_amount,
        coalesce(lines.gift_card_lines_amount, 0) as gift_card_lines_amount,
        cast(case when {{ is_in_shop_currency('orders.currency') }} then 1 else rates.rate end as decimal(18, 8))
            as fx_rate,
        orders.discount_amount is not null or orders.coupon_code is not null or coalesce(lines.has_list_price, false)
            as is_discount_known,
        coalesce(orders.discount_amount, 0) > 0 or coalesce(lines.has_discounted_line, false) as is_discounted,
        {{ is_valid_order('orders', 'statuses') }} as is_valid,
        {{ order_outcome('orders', 'statuses') }} as order_outcome,
        case when statuses.order_outcome = 'refunded' then orders.last_changed_at end as refund_implied_at
    from orders
    left join lines
        on orders.order_id = lines.order_id
    left join statuses
        on orders.status = statuses.status
    left join rates
        on orders.currency = rates.currency and orders.order_date = rates.rate_date

),

converted as (

    select
        *,
        {{ in_shop_currency('original_product_amount', 'fx_rate') }} as product_amount,
        {{ in_shop_currency('discount_amount', 'fx_rate') }} as converted_discount_amount
    from valued

),

final as (

    select
        order_id,
        shop_id,
        status,
        order_outcome,
        currency as original_currency,
        sales_channel,
        shipping_country,
        shipping_region,
        products_count,
        units_quantity,
        fx_rate,
        cast(original_product_amount as decimal(18, 4)) as original_product_amount,
        cast(discount_amount as decimal(18, 4)) as original_discount_amount,
        product_amount,
        {{ money('product_amount + coalesce(converted_discount_amount, 0)') }} as gross_amount,
        converted_discount_amount as discount_amount,
        {{ in_shop_currency('least(gift_card_lines_amount, original_product_amount)', 'fx_rate') }} as gift_card_amount,
        {{ in_shop_currency('shipping_amount', 'fx_rate') }} as shipping_amount,
        {{ in_shop_currency('tax_amount', 'fx_rate') }} as tax_amount,
        is_discount_known,
        is_discounted,
        is_valid,
        order_date,
        {{ local_date('greatest(coalesce(cancelled_at, ordered_at), coalesce(last_changed_at, ordered_at))') }}
            as last_changed_date,
        ordered_at,
        refund_implied_at
    from converted

)

select * from final
