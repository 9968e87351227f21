-- Grain: one row per device that was somebody unknown before it turned out to be the one person's it is.
with devices as (

    select * from {{ ref('int_devices_owned') }}

),

sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

orders as (

    select * from {{ ref('stg_shop__orders') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

active as (

    select
        anonymous_id,
        started_at as active_at
    from sessions
    where anonymous_id is not null
    union all
    select
        anonymous_id,
        ordered_at as active_at
    from orders
    where anonymous_id is not null

),

recognized as (

    select
        devices.anonymous_id,
        devices.customer_id,
        devices.first_seen_at as recognized_at
    from devices
    inner join active
        on devices.anonymous_id = active.anonymous_id
    where devices.customer_id is not null and active.active_at < devices.first_seen_at
    group by devices.anonymous_id, devices.customer_id, devices.first_seen_at

),

final as (

    select
        {{ pseudonym("'device:' || recognized.anonymous_id", 'pseudonym_keys.pseudonym_key') }} as device_customer_id,
        recognized.customer_id,
        recognized.recognized_at
    from recognized
    cross join pseudonym_keys

)

select * from final
