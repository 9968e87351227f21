-- Grain: one row per local day with an order or a refund.
-- Two views of the same money: by order date a refund lowers the day of its order, by event date its own day.
-- Over all days they are equal. Refunds of orders that are not valid, and what exceeds an order, lower nothing.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

refunds as (

    select * from {{ ref('int_refunds_applied') }}

),

ordered as (

    select
        order_date as revenue_date,
        {{ count_where('is_valid') }} as orders_count,
        {{ sum_money('case when is_valid then product_amount - gift_card_amount end') }} as sold_amount,
        {{ sum_money('case when not is_valid then product_amount end') }} as not_valid_amount,
        {{ sum_money('net_revenue_amount') }} as net_by_order_date_amount
    from orders
    group by order_date

),

refunded as (

    select
        refund_date as revenue_date,
        {{ sum_money("case when kind = 'refund' then applied_amount end") }} as refund_amount,
        {{ sum_money("case when kind = 'return' then applied_amount end") }} as return_amount,
        {{ sum_money("case when kind = 'chargeback' then applied_amount end") }} as chargeback_amount,
        {{ sum_money('applied_amount') }} as given_back_amount
    from refunds
    where is_valid
    group by refund_date

),

final as (

    select
        coalesce(ordered.orders_count, 0) as orders_count,
        {{ money('coalesce(ordered.sold_amount, 0)') }} as sold_amount,
        {{ money('coalesce(ordered.not_valid_amount, 0)') }} as not_valid_amount,
        {{ money('coalesce(refunded.refund_amount, 0)') }} as refund_amount,
        {{ money('coalesce(refunded.return_amount, 0)') }} as return_amount,
        {{ money('coalesce(refunded.chargeback_amount, 0)') }} as chargeback_amount,
        {{ money('coalesce(ordered.net_by_order_date_amount, 0)') }} as net_by_order_date_amount,
        {{ money('coalesce(ordered.sold_amount, 0) - coalesce(refunded.given_back_amount, 0)') }}
            as net_by_event_date_amount,
        coalesce(ordered.revenue_date, refunded.revenue_date) as revenue_date
    from ordered
    full join refunded
        on ordered.revenue_date = refunded.revenue_date

)

select * from final
