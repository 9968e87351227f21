-- Grain: one row per order, with the person who placed it.
-- An order without any identifier is its device's person, or one person of its own.
with orders as (

    select * from {{ ref('stg_shop__orders') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

emails as (

    select * from {{ ref('int_emails_resolved') }}

),

devices as (

    select * from {{ ref('int_devices_owned') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

identified as (

    select
        orders.order_id,
        orders.anonymous_id,
        orders.ordered_at,
        coalesce(connected.customer_id, emails.customer_id) as identified_customer_id
    from orders
    left join connected
        on orders.shop_customer_id = connected.shop_customer_id
    left join emails
        on orders.email = emails.email

),

final as (

    select
        identified.order_id,
        coalesce(
            identified.identified_customer_id,
            devices.customer_id,
            {{ pseudonym(
                "coalesce('device:' || identified.anonymous_id, 'order:' || identified.order_id)",
                'pseudonym_keys.pseudonym_key'
            ) }}
        ) as customer_id,
        identified.anonymous_id,
        identified.identified_customer_id is not null as is_identified,
        identified.ordered_at
    from identified
    left join devices
        on identified.anonymous_id = devices.anonymous_id
    cross join pseudonym_keys

)

select * from final
