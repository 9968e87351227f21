-- Grain: one row per order that is no test and was placed by the as-of date.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

final as (

    select
        order_id,
        customer_id,
        shop_id,
        status,
        order_outcome,
        {{ shop_currency() }} as currency,
        coalesce(original_currency, {{ shop_currency() }}) as original_currency,
        sales_channel,
        shipping_country,
        shipping_region,
        customer_order_number,
        units_quantity,
        fx_rate,
        original_product_amount,
        cast(coalesce(original_discount_amount, 0) as decimal(18, 4)) as original_discount_amount,
        gross_amount,
        cast(coalesce(discount_amount, 0) as decimal(18, 2)) as discount_amount,
        refund_amount,
        excess_refund_amount,
        gift_card_amount,
        net_revenue_amount,
        cast(coalesce(shipping_amount, 0) as decimal(18, 2)) as shipping_amount,
        cast(coalesce(tax_amount, 0) as decimal(18, 2)) as tax_amount,
        is_valid,
        is_counted,
        is_discounted,
        order_date,
        last_changed_date,
        ordered_at
    from orders

)

select * from final
