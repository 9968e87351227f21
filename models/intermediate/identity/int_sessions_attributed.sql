-- Grain: one row per session, with the person it belongs to.
-- Who logs in or orders owns the session; else the one person ever seen on the device; else the device itself.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

logins as (

    select * from {{ ref('int_session_logins_ranked') }}

),

orders as (

    select * from {{ ref('int_session_orders_ranked') }}

),

devices as (

    select * from {{ ref('int_devices_owned') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

final as (

    select
        sessions.session_key,
        coalesce(
            logins.customer_id,
            orders.customer_id,
            devices.customer_id,
            -- Without a device nothing but the session itself says that two visits were one visitor's.
            {{ pseudonym(
                "'device:' || coalesce(sessions.anonymous_id, sessions.session_key)",
                'pseudonym_keys.pseudonym_key'
            ) }}
        ) as customer_id,
        coalesce(logins.customer_id, orders.customer_id) is not null as is_identified
    from sessions
    left join logins
        on sessions.session_key = logins.session_key
    left join orders
        on sessions.session_key = orders.session_key
    left join devices
        on sessions.anonymous_id = devices.anonymous_id
    cross join pseudonym_keys

)

select * from final
