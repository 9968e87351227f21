-- Grain: one row per order that is no test and was placed by the end of the as-of date.
-- The latest version of an order stands; what happened to it later is hidden, so that its past reads as it was.
with orders as (

    select * from {{ source('raw', 'orders') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by order_id
            order by updated_at desc nulls last, content_md5 desc
        ) as version_rank
    from orders

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
        coalesce(cast(cancelled_at as timestamp) >= {{ as_of_end() }}, false) as is_cancelled_later,
        {{ local_date('cast(ordered_at as timestamp)') }} as order_date,
        cast(ordered_at as timestamp) as ordered_at,
        {{ unless_future('cast(cancelled_at as timestamp)') }} as cancelled_at,
        {{ unless_future('cast(coalesce(updated_at, ordered_at) as timestamp)') }} as last_changed_at
    from latest
    where
        version_rank = 1
        and not coalesce(is_test, false)
        and cast(ordered_at as timestamp) < {{ as_of_end() }}

)

select * from final
