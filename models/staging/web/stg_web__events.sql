-- Grain: one row per version of an event, whenever it happened: sessions are timeless, the as-of door comes later.
with events as (

    select * from {{ source('raw', 'events') }}

),

final as (

    select
        event_id,
        content_md5,
        anonymous_id,
        customer_id as shop_customer_id,
        {{ normalised_email('email') }} as email,
        session_id as given_session_id,
        cart_id,
        order_id,
        product_id,
        lower(event_type) as event_type,
        lower(page_type) as page_type,
        device_type,
        channel,
        country,
        region,
        currency,
        quantity,
        value_amount,
        {{ utc_timestamp('occurred_at') }} as occurred_at,
        {{ utc_timestamp('loaded_at') }} as loaded_at
    from events

)

select * from final
