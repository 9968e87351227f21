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

visits as (

    select * from {{ ref('int_customer_visits_characterized') }}

),

final as (

    select
        customers.customer_id,
        customers.customer_kind,
        coalesce(homes.shipping_country, accounts.country, visits.visit_country) as home_country,
        case
            when homes.shipping_country is not null then homes.shipping_region
            when accounts.country is not null then accounts.region
            when visits.visit_country is not null then visits.visit_region
            else accounts.region
        end as home_region,
        case
            when homes.shipping_country is not null then 'orders'
            when accounts.country is not null then 'customers'
            when visits.visit_country is not null then 'visits'
            else 'unknown'
        end as home_country_source,
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
    left join visits
        on customers.customer_id = visits.customer_id

)

select * from final
