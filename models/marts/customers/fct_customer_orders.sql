-- Grain: one row per person who placed an order, counted or not.
with orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

baskets as (

    select * from {{ ref('int_customer_orders_measured') }}

),

rhythms as (

    select * from {{ ref('int_customer_rhythms_measured') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

final as (

    select
        orders.customer_id,
        orders.orders_count,
        orders.placed_orders_count,
        rhythms.purchase_days_count,
        case
            when inputs.has_discounts and orders.orders_count > 0
                then orders.buying_window_orders_count - orders.promotion_orders_count
        end as full_price_orders_count,
        case when inputs.has_discounts and orders.orders_count > 0 then orders.promotion_orders_count end
            as promotion_orders_count,
        orders.gross_amount,
        orders.refund_amount,
        orders.net_revenue_amount,
        case
            when inputs.has_discounts and orders.orders_count > 0
                then {{ money('orders.buying_window_revenue_amount - orders.promotion_revenue_amount') }}
        end as full_price_revenue_amount,
        case when inputs.has_discounts and orders.orders_count > 0 then orders.promotion_revenue_amount end
            as promotion_revenue_amount,
        case
            when orders.orders_count > 0
                then {{ money_of_cents(rounded_div(cents('orders.net_revenue_amount'), 'orders.orders_count')) }}
        end as average_order_amount,
        {{ money_of_cents(rounded_div(cents('baskets.double_median_order_amount'), '2')) }} as median_order_amount,
        orders.largest_order_amount,
        orders.recent_spend_amount,
        orders.previous_spend_amount,
        {{ ratio_bp(cents('orders.recent_spend_amount'), cents('orders.previous_spend_amount')) }} as spend_trend_bp,
        cast({{ rounded_div('rhythms.double_median_gap_days', '2') }} as bigint) as median_gap_days,
        cast(rhythms.gap_spread_days as bigint) as gap_spread_days,
        cast(rhythms.last_gap_days as bigint) as last_gap_days,
        {{ days_since('orders.first_order_date') }} as days_since_first_order,
        {{ days_since('orders.last_order_date') }} as days_since_last_order,
        orders.first_order_date,
        orders.last_order_date
    from orders
    left join baskets
        on orders.customer_id = baskets.customer_id
    left join rhythms
        on orders.customer_id = rhythms.customer_id
    cross join inputs

)

select * from final
