-- Grain: one row per known listed customer: what they wish for, and what they hold against each other.
-- Nobody has a row where no wishlist was ever told of.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

wishes as (

    select * from {{ ref('int_wishes_resolved') }}

),

product_events as (

    select * from {{ ref('int_customer_product_events_summed') }}

),

products as (

    select * from {{ ref('stg_shop__products') }}

),

wished as (

    select
        customer_id,
        cast(count(*) as bigint) as wishlist_products_count,
        max(last_wished_date) as last_wished_date
    from wishes
    where is_active
    group by customer_id

),

looked_at as (

    select
        product_events.customer_id,
        products.category,
        cast(count(*) as bigint) as products_count
    from product_events
    inner join products
        on product_events.product_id = products.product_id
    where
        products.category is not null
        and {{ is_within_days('product_events.last_looked_date', var('wishlist_comparing_days')) }}
    group by product_events.customer_id, products.category

),

compared as (

    select
        customer_id,
        max(products_count) as compared_products_count
    from looked_at
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(wished.wishlist_products_count, 0) as wishlist_products_count,
        coalesce(compared.compared_products_count, 0) as compared_products_count,
        {{ days_since('wished.last_wished_date') }} as days_since_last_wish
    from customers
    left join wished
        on customers.customer_id = wished.customer_id
    left join compared
        on customers.customer_id = compared.customer_id
    where
        customers.customer_kind <> 'anonymous'
        and (select count(*) from wishes) > 0

)

select * from final
