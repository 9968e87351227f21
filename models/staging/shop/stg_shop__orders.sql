{{ config(materialized='table') }}
-- Grain: one row per order that is no test and was placed by the end of the as-of date.
-- The latest version of an order stands; what happened to it later is hidden, so that its past reads as it was.
-- Few orders have several versions: to look these up costs less than to rank those of every order.
-- A table, because it is read often.
with orders as (

    select * from {{ source('raw', 'orders') }}

),

repeated as (

    select order_id
    from orders
    group by order_id
    having count(*) > 1

),

ranked as (

    select
        order_id,
        content_md5,
        row_number() over (
            partition by order_id
            order by updated_at desc nulls last, content_md5 desc
        ) as version_rank
    from orders
    where order_id in (select repeated.order_id from repeated)

),

latest as (

    select
        order_id,
        content_md5
    from ranked
    where version_rank = 1

),

standing as (

    select orders.*
    from orders
    left join latest
        on orders.order_id = latest.order_id
    where latest.order_id is null or orders.content_md5 = latest.content_md5

),

final as (

    select
        order_id,
        shop_id,
        customer_id as shop_customer_id,
        anonymous_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        lower(status) as status,
        currency,
        coupon_code,
        sales_channel,
        shipping_country,
        shipping_region,
        total_amount,
        discount_amount,
        shipping_amount,
        tax_amount,
        coalesce({{ utc_timestamp('cancelled_at') }} >= {{ as_of_end() }}, false) as is_cancelled_later,
        {{ local_date(utc_timestamp('ordered_at')) }} as order_date,
        {{ utc_timestamp('ordered_at') }} as ordered_at,
        {{ unless_future(utc_timestamp('cancelled_at')) }} as cancelled_at,
        {{ unless_future(utc_timestamp('coalesce(updated_at, ordered_at)')) }} as last_changed_at
    from standing
    where
        not coalesce(is_test, false)
        and {{ utc_timestamp('ordered_at') }} < {{ as_of_end() }}

)

select * from final
