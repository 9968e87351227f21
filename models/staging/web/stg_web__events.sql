-- Grain: one row per event, whenever it happened: sessions are timeless, the as-of door stands after them.
with events as (

    select * from {{ source('raw', 'events') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by event_id
            order by content_md5 desc
        ) as version_rank
    from events

),

final as (

    select
        event_id,
        anonymous_id,
        customer_id as shop_customer_id,
        {{ normalised_email('email') }} as email,
        session_id as given_session_id,
        cart_id,
        order_id,
        product_id,
        lower(event_type) as event_type,
        device_type,
        country,
        quantity,
        cast(occurred_at as timestamp) as occurred_at
    from latest
    where version_rank = 1

)

select * from final
