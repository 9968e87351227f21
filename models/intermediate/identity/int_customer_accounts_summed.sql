-- Grain: one row per person with a shop customer id, over all of that person's accounts.
with connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

customers as (

    select * from {{ ref('stg_shop__customers') }}

),

final as (

    select
        connected.customer_id,
        cast(count(*) as bigint) as customer_ids_count,
        min(case when connected.is_naming then customers.country end) as country,
        min(case when connected.is_naming then customers.region end) as region,
        min(case when connected.is_naming then customers.acquisition_channel end)
            as acquisition_channel,
        min(customers.registered_date) as first_registered_date,
        max(customers.registered_date) as last_registered_date,
        min(customers.registered_at) as registered_at
    from connected
    left join customers
        on connected.shop_customer_id = customers.shop_customer_id
    group by connected.customer_id

)

select * from final
