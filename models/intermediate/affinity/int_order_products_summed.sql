-- Grain: one row per counted order and product in it that is no gift card.
-- What was sent back of an order that still counts stays bought: it says what somebody wanted.
with order_lines as (

    select * from {{ ref('stg_shop__order_lines') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

products as (

    select * from {{ ref('stg_shop__products') }}

),

summed as (

    select
        order_id,
        product_id,
        cast(sum(quantity) as decimal(18, 3)) as quantity,
        {{ sum_exact('quantity * unit_price') }} as paid_amount,
        {{ sum_exact('quantity * list_price') }} as list_amount,
        {{ sum_exact('quantity * coalesce(list_price, unit_price)') }} as worth_amount,
        count(list_price) = count(*) as is_list_price_known
    from order_lines
    where product_id is not null and quantity > 0
    group by order_id, product_id

),

bought as (

    select
        summed.*,
        orders.customer_id,
        products.category,
        products.product_line,
        products.collection,
        products.replenishment_days,
        {{ money('summed.worth_amount * orders.fx_rate') }} as list_value_amount,
        {{ money('summed.paid_amount') }} as paid_money,
        {{ money('case when summed.is_list_price_known then summed.list_amount end') }} as list_money,
        orders.product_amount,
        orders.gross_amount,
        orders.order_date,
        lag(orders.order_date) over (
            partition by orders.customer_id, summed.product_id
            order by orders.ordered_at, summed.order_id
        ) as previous_order_date,
        lead(orders.order_date) over (
            partition by orders.customer_id, summed.product_id
            order by orders.ordered_at, summed.order_id
        ) as next_order_date,
        orders.ordered_at
    from summed
    inner join orders
        on summed.order_id = orders.order_id
    left join products
        on summed.product_id = products.product_id
    where orders.is_counted and not coalesce(products.is_gift_card, false)

),

final as (

    select
        order_id,
        product_id,
        customer_id,
        category,
        product_line,
        collection,
        quantity,
        case when replenishment_days > 0 then replenishment_days end as replenishment_days,
        list_value_amount,
        {{ rounded_div(
            ratio_bp(cents('paid_money'), cents('list_money'))
            ~ ' * ' ~ ratio_bp(cents('product_amount'), cents('gross_amount')), '10000'
        ) }} as paid_share_bp,
        {{ days_between('previous_order_date', 'order_date') }} as gap_days,
        next_order_date is null as is_latest,
        order_date,
        ordered_at
    from bought

)

select * from final
