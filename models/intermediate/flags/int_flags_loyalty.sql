{{ config(materialized='view') }}
-- Grain: one row per listed customer: in the loyalty programme or a candidate for it; null where no membership landed.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

memberships as (

    select * from {{ ref('int_customer_memberships_summed') }}

),

orders as (

    select * from {{ ref('int_orders_netted') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

summed as (

    select
        customer_id,
        {{ count_where(is_within_days('order_date', var('loyalty_candidate_days'))) }} as loyalty_window_orders_count
    from orders
    where is_counted
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(summed.loyalty_window_orders_count, 0) as loyalty_window_orders_count,
        case when inputs.has_memberships then coalesce(memberships.is_loyalty_member, false) end as is_loyalty_member,
        case
            when inputs.has_memberships and summed.customer_id is not null
                then
                    not coalesce(memberships.is_loyalty_member, false)
                    and summed.loyalty_window_orders_count >= {{ var('loyalty_candidate_orders_count') }}
        end as is_loyalty_candidate
    from customers
    left join summed
        on customers.customer_id = summed.customer_id
    left join memberships
        on customers.customer_id = memberships.customer_id
    cross join inputs

)

select * from final
