-- Grain: one row per event of a documented type that happened on a device or for a known person.
-- A given session id is a session; else a gap longer than session_gap_minutes starts a new one.
-- Timeless: later events never change the sessions of earlier ones.
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

gapped as (

    select
        *,
        lag(occurred_at) over (
            partition by device_key, given_session_id
            order by occurred_at, event_id
        ) as previous_at
    from keyed
    where device_key is not null

),

started as (

    select
        *,
        max(
            case
                when
                    previous_at is null
                    or {{ us_between('previous_at', 'occurred_at') }} > {{ minutes_us(var('session_gap_minutes')) }}
                    then occurred_at
            end
        ) over (
            partition by device_key, given_session_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as session_started_at
    from gapped

),

final as (

    select
        event_id,
        md5(
            device_key || '|' || coalesce(
                's:' || given_session_id,
                't:' || cast({{ epoch_us('session_started_at') }} as string)
            )
        ) as session_key,
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
        country,
        quantity,
        is_cart_event,
        is_form,
        is_order_attempt,
        occurred_at
    from started

)

select * from final
