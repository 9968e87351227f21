-- Grain: one row per order, with the person who placed it.
-- An order without any identifier is its device's person, or one person of its own.
with orders as (

    select * from {{ ref('stg_shop__orders') }}

),

identified as (

    select * from {{ ref('int_orders_identified') }}

),

devices as (

    select * from {{ ref('int_devices_owned') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

final as (

    select
        orders.order_id,
        coalesce(
            identified.customer_id,
            devices.customer_id,
            {{ pseudonym(
                "coalesce('device:' || orders.anonymous_id, 'order:' || orders.order_id)",
                'pseudonym_keys.pseudonym_key'
            ) }}
        ) as customer_id,
        orders.anonymous_id,
        identified.customer_id is not null as is_identified,
        orders.ordered_at
    from orders
    left join identified
        on orders.order_id = identified.order_id
    left join devices
        on orders.anonymous_id = devices.anonymous_id
    cross join pseudonym_keys

)

select * from final
