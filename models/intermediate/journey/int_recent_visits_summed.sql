-- Grain: one row per person with a session in the last funnel_days, anonymous people too.
-- The path of a person is that of their sessions one after the other; of two devices at once, the one begun first.
-- What is still being tried is asked of the sessions that began after the last purchase.
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
        max(bought_at) as last_bought_at
    from (
        select
            customer_id,
            ordered_at as bought_at
        from orders
        where is_purchase
        union all
        select
            customer_id,
            last_purchase_at as bought_at
        from purchases
    ) as everything
    group by customer_id

),

visited as (

    select
        attributed.customer_id,
        sessions.*,
        coalesce(sessions.started_at > bought.last_bought_at, true) as is_since_purchase,
        {{ is_within_days('sessions.session_date', var('struggling_days')) }} as is_latest
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key
    left join bought
        on attributed.customer_id = bought.customer_id
    where
        not sessions.is_bot
        and {{ is_within_days('sessions.session_date', var('funnel_days')) }}

),

summed as (

    select
        customer_id,
        {{ joined_in_order('visit_path', ['started_at', 'session_key']) }} as visit_path,
        cast(count(*) as bigint) as sessions_count,
        {{ count_where('is_idle_before_cart') }} as idle_sessions_count,
        {{ sum_int('product_views_count') }} as product_views_count,
        {{ sum_int('cart_adds_count') }} as cart_adds_count,
        {{ sum_int('checkouts_count') }} as checkouts_count,
        {{ sum_int('purchases_count') }} as purchases_count,
        {{ count_where('is_since_purchase and cart_adds_count > 0') }} as pending_cart_sessions_count,
        {{ sum_int('case when is_since_purchase then checkouts_count end') }} as pending_checkouts_count,
        {{ sum_int('case when is_since_purchase and is_latest then checkouts_count end') }}
            as latest_checkouts_count,
        {{ sum_int('case when is_since_purchase and is_latest then order_attempts_count - purchases_count end') }}
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
