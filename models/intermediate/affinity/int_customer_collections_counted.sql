-- Grain: one row per buyer at whose time a collection was launched in the trendy window.
-- A collection is launched with its first product; collections are counted by the day on which somebody became a
-- customer, as there are fewer days than customers.
with products as (

    select * from {{ ref('stg_shop__products') }}

),

customers as (

    select * from {{ ref('int_customer_orders_summed') }}

),

order_products as (

    select * from {{ ref('int_order_products_summed') }}

),

collections as (

    select
        collection,
        min(launched_date) as launched_date
    from products
    where collection is not null and launched_date <= {{ as_of_date() }}
    group by collection
    having {{ is_within_days('min(launched_date)', var('trendy_window_days')) }}

),

first_days as (

    select distinct first_order_date from customers

),

launches as (

    select
        first_days.first_order_date,
        cast(count(*) as bigint) as launched_collections_count
    from first_days
    inner join collections
        on first_days.first_order_date <= collections.launched_date
    group by first_days.first_order_date

),

followed as (

    select
        order_products.customer_id,
        collections.collection,
        collections.launched_date
    from order_products
    inner join collections
        on order_products.collection = collections.collection
    where {{ days_between('collections.launched_date', 'order_products.order_date') }} < {{ var('trendy_launch_days') }}
    group by order_products.customer_id, collections.collection, collections.launched_date

),

final as (

    select
        customers.customer_id,
        max(launches.launched_collections_count) as launched_collections_count,
        cast(count(followed.collection) as bigint) as followed_collections_count
    from customers
    inner join launches
        on customers.first_order_date = launches.first_order_date
    left join followed
        on
            customers.customer_id = followed.customer_id
            and customers.first_order_date <= followed.launched_date
    group by customers.customer_id

)

select * from final
