-- Grain: one row per person with a session in the last funnel_days, anonymous people too.
-- The path of a person is that of their sessions one after the other; of two at once, the first begun.
-- Pending is what was tried in sessions that began after the last purchase.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

purchases as (

    select * from {{ ref('int_customer_purchases_seen') }}

),

bought as (

    select
        customer_id,
        max(ordered_at) as last_bought_at
    from orders
    where is_purchase
    group by customer_id
    union all
    select
        customer_id,
        last_purchase_at as last_bought_at
    from purchases

),

visited as (

    select
        attributed.customer_id,
        sessions.*,
        sessions.order_attempts_count - sessions.purchases_count as payment_errors_count,
        coalesce(sessions.started_at > bought.last_bought_at, true) as is_since_purchase,
        {{ is_within_days('sessions.session_date', var('struggling_days')) }} as is_latest
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key
    left join bought
        on attributed.customer_id = bought.customer_id
    where not sessions.is_bot and {{ is_within_days('sessions.session_date', var('funnel_days')) }}

),

summed as (

    select
        customer_id,
        {{ joined_in_order('visit_path', ['started_at', 'session_key']) }} as visit_path,
        cast(count(*) as bigint) as sessions_count,
        {{ count_where('is_idle_before_cart') }} as idle_sessions_count,
        {% for kind in ['product_views', 'cart_adds', 'checkouts', 'purchases'] -%}
            {{ sum_int(kind ~ '_count') }} as {{ kind }}_count,
        {% endfor -%}
        {{ count_where('is_since_purchase and cart_adds_count > 0') }} as pending_cart_sessions_count,
        {{ sum_int('case when is_since_purchase then checkouts_count end') }} as pending_checkouts_count,
        {{ sum_int('case when is_since_purchase and is_latest then checkouts_count end') }} as latest_checkouts_count,
        {{ sum_int('case when is_since_purchase and is_latest then payment_errors_count end') }}
            as latest_payment_errors_count
    from visited
    group by customer_id

),

final as (

    select
        customer_id,
        sessions_count,
        idle_sessions_count,
        product_views_count,
        cart_adds_count,
        checkouts_count,
        purchases_count,
        pending_cart_sessions_count,
        pending_checkouts_count,
        latest_checkouts_count,
        latest_payment_errors_count,
        {{ funnel_depth('visit_path') }} as funnel_depth
    from summed

)

select * from final
