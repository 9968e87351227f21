-- Grain: one row per person with an account, with name and place of the account that was changed last.
with customers as (

    select * from {{ ref('stg_shop__customers') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

ranked as (

    select
        connected.customer_id,
        customers.first_name,
        customers.last_name,
        customers.country,
        customers.postal_code,
        row_number() over (
            partition by connected.customer_id
            order by
                case when customers.first_name is null then 1 else 0 end asc,
                customers.last_changed_at desc nulls last,
                connected.shop_customer_id asc
        ) as account_rank
    from customers
    inner join connected
        on customers.shop_customer_id = connected.shop_customer_id

),

final as (

    select
        customer_id,
        first_name,
        last_name,
        country,
        postal_code
    from ranked
    where account_rank = 1

)

select * from final
