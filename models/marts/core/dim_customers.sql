-- Grain: one row per listed customer, a person and not an account.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

accounts as (

    select * from {{ ref('int_customer_accounts_summed') }}

),

homes as (

    select * from {{ ref('int_customer_homes_ranked') }}

),

final as (

    select
        customers.customer_id,
        customers.customer_kind,
        coalesce(homes.shipping_country, accounts.country) as home_country,
        case when homes.shipping_country is null then accounts.region else homes.shipping_region end as home_region,
        accounts.acquisition_channel,
        cast(customers.customer_ids_count as bigint) as customer_ids_count,
        customers.registered_at is not null as is_registered,
        customers.first_seen_date,
        customers.last_activity_date,
        {{ local_date('customers.registered_at') }} as registered_date
    from customers
    left join accounts
        on customers.customer_id = accounts.customer_id
    left join homes
        on customers.customer_id = homes.customer_id

)

select * from final
