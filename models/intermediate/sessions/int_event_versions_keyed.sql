{{ config(materialized='view') }}
-- Grain: one row per version of an event of a documented type that happened on a device or for a known person.
-- A stream is a device, or a given session id on it; a slot is as long as the silence that ends a session.
with events as (

    select * from {{ ref('stg_web__events') }}

),

event_types as (

    select * from {{ ref('event_types') }}

),

keyed as (

    select
        events.*,
        event_types.is_cart_event,
        event_types.is_form,
        event_types.is_order_attempt,
        coalesce(
            'd:' || events.anonymous_id,
            'c:' || events.shop_customer_id,
            'e:' || events.email,
            's:' || events.given_session_id
        ) as device_key
    from events
    inner join event_types
        on events.event_type = event_types.event_type

),

final as (

    select
        event_id,
        content_md5,
        device_key || coalesce('|s:' || given_session_id, '') as stream_key,
        device_key,
        anonymous_id,
        shop_customer_id,
        email,
        given_session_id,
        cart_id,
        order_id,
        product_id,
        event_type,
        device_type,
        channel,
        country,
        region,
        cast({{ int_div(epoch_us('occurred_at'), minutes_us(var('session_gap_minutes'))) }} as bigint) as slot_number,
        {{ path_code('event_type', 'page_type') }} as path_code,
        currency,
        quantity,
        value_amount,
        is_cart_event,
        is_form,
        is_order_attempt,
        {{ local_date('occurred_at') }} as event_date,
        occurred_at,
        loaded_at
    from keyed
    where device_key is not null

)

select * from final
