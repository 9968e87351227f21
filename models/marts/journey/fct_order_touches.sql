-- Grain: one row per order that is no test, with the marketing channels that led to it.
-- A touch is a session with a channel, or the first click in a message, within its look-back before the order. A direct
-- visit says nothing of a channel: it is a touch only where nothing else is.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

touches as (

    select * from {{ ref('int_touches_unioned') }}

),

-- An instant of fixed length before its channel: the smallest of these texts is the first touch, the largest the last.
matched as (

    select
        orders.order_id,
        touches.is_direct,
        lpad(cast({{ epoch_us('touches.touched_at') }} as string), 17, '0') || touches.channel as touch
    from orders
    inner join touches
        on
            orders.customer_id = touches.customer_id
            and orders.ordered_at >= touches.touched_at
            and {{ us_between('touches.touched_at', 'orders.ordered_at') }} <= touches.lookback_us

),

chosen as (

    select
        order_id,
        cast(count(*) as bigint) as touches_count,
        substr(coalesce(min(case when not is_direct then touch end), min(touch)), 18) as first_touch_channel,
        substr(coalesce(max(case when not is_direct then touch end), max(touch)), 18) as last_touch_channel
    from matched
    group by order_id

),

final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.sales_channel,
        coalesce(chosen.first_touch_channel, 'none') as first_touch_channel,
        coalesce(chosen.last_touch_channel, 'none') as last_touch_channel,
        coalesce(chosen.touches_count, 0) as touches_count,
        orders.net_revenue_amount,
        orders.is_counted,
        orders.order_date
    from orders
    left join chosen
        on orders.order_id = chosen.order_id

)

select * from final
