{{ config(materialized='view') }}
-- Grain: one row per order that says who placed it: by customer id, else by e-mail, else by phone.
with orders as (

    select * from {{ ref('stg_shop__orders') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

emails as (

    select * from {{ ref('int_emails_resolved') }}

),

phones as (

    select * from {{ ref('int_phones_resolved') }}

),

identified as (

    select
        orders.order_id,
        coalesce(connected.customer_id, emails.customer_id, phones.customer_id) as customer_id
    from orders
    left join connected
        on orders.shop_customer_id = connected.shop_customer_id
    left join emails
        on orders.email = emails.email
    left join phones
        on orders.phone = phones.phone

),

final as (

    select
        order_id,
        customer_id
    from identified
    where customer_id is not null

)

select * from final
