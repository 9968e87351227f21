-- Grain: one row per window of days up to the as-of date and marketing channel; direct visits and orders that nothing
-- led to are channels of their own, so that each window adds up to the shop.
with sessions as (

    select * from {{ ref('fct_sessions') }}

),

orders as (

    select * from {{ ref('fct_order_touches') }}

),

facts as (

    select
        lower(coalesce(channel, 'none')) as channel,
        session_date as fact_date,
        1 as session_number,
        0 as first_touch_number,
        0 as last_touch_number,
        {{ money('0') }} as net_revenue_amount
    from sessions
    where not is_bot
    union all
    select
        first_touch_channel as channel,
        order_date as fact_date,
        0 as session_number,
        1 as first_touch_number,
        0 as last_touch_number,
        {{ money('0') }} as net_revenue_amount
    from orders
    where is_counted
    union all
    select
        last_touch_channel as channel,
        order_date as fact_date,
        0 as session_number,
        0 as first_touch_number,
        1 as last_touch_number,
        net_revenue_amount
    from orders
    where is_counted

),

final as (

    {% for days in var('channel_mix_days') -%}
        select
            channel,
            cast({{ days }} as int) as window_days,
            {{ sum_int('session_number') }} as sessions_count,
            {{ sum_int('first_touch_number') }} as first_touch_orders_count,
            {{ sum_int('last_touch_number') }} as last_touch_orders_count,
            {{ sum_money('net_revenue_amount') }} as last_touch_net_revenue_amount
        from facts
        where {{ is_within_days('fact_date', days) }}
        group by channel
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
