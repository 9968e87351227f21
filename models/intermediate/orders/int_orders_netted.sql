-- Grain: one row per visible order, net of the refunds dated by the as-of date.
with orders as (

    select * from {{ ref('int_orders_valued') }}

),

attributed as (

    select * from {{ ref('int_orders_attributed') }}

),

refunds as (

    select * from {{ ref('int_refunds_applied') }}

),

refunded as (

    select
        order_id,
        {{ sum_money('applied_amount') }} as refund_amount,
        {{ sum_money('excess_amount') }} as excess_refund_amount
    from refunds
    group by order_id

),

netted as (

    select
        orders.*,
        attributed.customer_id,
        attributed.is_identified,
        coalesce(refunded.refund_amount, 0) as refund_amount,
        coalesce(refunded.excess_refund_amount, 0) as excess_refund_amount,
        {{ net_revenue('orders', 'coalesce(refunded.refund_amount, 0)') }} as net_revenue_amount
    from orders
    inner join attributed
        on orders.order_id = attributed.order_id
    left join refunded
        on orders.order_id = refunded.order_id

),

final as (

    select
        order_id,
        customer_id,
        shop_id,
        status,
        order_outcome,
        original_currency,
        sales_channel,
        shipping_country,
        shipping_region,
        case
            when net_revenue_amount > 0
                then
                    cast(row_number() over (
                        partition by customer_id, net_revenue_amount > 0
                        order by ordered_at, order_id
                    ) as bigint)
        end as customer_order_number,
        products_count,
        units_quantity,
        fx_rate,
        original_product_amount,
        original_discount_amount,
        product_amount,
        gross_amount,
        discount_amount,
        gift_card_amount,
        {{ money('refund_amount') }} as refund_amount,
        {{ money('excess_refund_amount') }} as excess_refund_amount,
        net_revenue_amount,
        shipping_amount,
        tax_amount,
        is_identified,
        is_valid,
        is_valid and product_amount > gift_card_amount as is_purchase,
        net_revenue_amount > 0 as is_counted,
        is_discount_known,
        is_discounted,
        order_date,
        last_changed_date,
        ordered_at
    from netted

)

select * from final
