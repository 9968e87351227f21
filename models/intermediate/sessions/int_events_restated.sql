{{ config(materialized='scratch') }}
-- Grain: one row per event, in the version that stands, of the streams and days that are touched: all where the rollups
-- are made as a whole. The instants around those days come first: they are compared before keys are made.
with events as (

    select * from {{ ref('int_event_versions_keyed') }}

),

chosen as (

    select * from {{ ref('int_event_versions_chosen') }}

),

touched as (

    select * from {{ ref('int_event_days_touched') }}

),

touched_instants as (

    select
        cast(min(event_date) - 1 as timestamp) as first_at,
        cast(max(event_date) + 2 as timestamp) as last_at
    from touched

),

final as (

    select
        events.event_id,
        events.stream_key,
        events.device_key,
        events.anonymous_id,
        events.shop_customer_id,
        events.email,
        events.given_session_id,
        events.cart_id,
        events.order_id,
        events.product_id,
        events.event_type,
        events.device_type,
        events.channel,
        events.country,
        events.region,
        events.slot_number,
        events.path_code,
        events.currency,
        events.quantity,
        events.value_amount,
        events.is_cart_event,
        events.is_form,
        events.is_order_attempt,
        events.event_date,
        events.occurred_at
    from events
    left join chosen
        on events.event_id = chosen.event_id
    {% if restates_touched_days() %}
        inner join touched
            on events.stream_key = touched.stream_key and events.event_date = touched.event_date
    {% endif %}
    where
        (chosen.event_id is null or events.content_md5 = chosen.content_md5)
        {% if restates_touched_days() %}
            and events.occurred_at >= (select touched_instants.first_at from touched_instants)
            and events.occurred_at < (select touched_instants.last_at from touched_instants)
        {% endif %}

)

select * from final
