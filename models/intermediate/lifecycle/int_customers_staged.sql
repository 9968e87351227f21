{{ config(materialized='view') }}
-- Grain: one row per listed customer, in exactly one stage: the first rule that holds.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

rhythms as (

    select * from {{ ref('int_customer_rhythms_measured') }}

),

joined as (

    select
        customers.customer_id,
        customers.has_identifier,
        {{ days_since('customers.last_activity_date') }} as days_since_last_activity,
        {{ days_since('rhythms.first_purchase_date') }} as days_since_first_order,
        {{ days_since('rhythms.last_purchase_date') }} as days_since_last_order,
        {{ days_since('rhythms.reactivation_date') }} as days_since_reactivation,
        coalesce(rhythms.purchase_days_count, 0) as purchase_days_count
    from customers
    left join rhythms
        on customers.customer_id = rhythms.customer_id

),

final as (

    select
        customer_id,
        case
            when purchase_days_count = 0 and not has_identifier then 'anonymous'
            when
                purchase_days_count = 0 and days_since_last_activity < {{ var('lead_activity_days') }}
                then 'lead'
            when purchase_days_count = 0 then 'cold_lead'
            when
                purchase_days_count = 1 and days_since_first_order < {{ var('new_customer_days') }}
                then 'new'
            when days_since_reactivation < {{ var('reactivated_days') }} then 'reactivated'
            when days_since_last_order < {{ var('active_days') }} then 'active'
            when days_since_last_order < {{ var('at_risk_days') }} then 'at_risk'
            when days_since_last_order < {{ var('dormant_days') }} then 'dormant'
            else 'churned'
        end as lifecycle_stage,
        days_since_last_activity,
        days_since_first_order,
        days_since_last_order,
        purchase_days_count
    from joined

)

select * from final
