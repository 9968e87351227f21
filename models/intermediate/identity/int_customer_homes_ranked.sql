-- Grain: one row per person with a counted order that was shipped somewhere: where the latest one went.
with orders as (

    select * from {{ ref('int_orders_netted') }}

),

ranked as (

    select
        customer_id,
        shipping_country,
        shipping_region,
        row_number() over (
            partition by customer_id
            order by ordered_at desc, order_id desc
        ) as order_rank
    from orders
    where is_counted and shipping_country is not null

),

final as (

    select
        customer_id,
        shipping_country,
        shipping_region
    from ranked
    where order_rank = 1

)

select * from final
