{{ config(materialized='view') }}
-- Grain: one row per listed customer, with the first day of the unbroken run of days in the present stage.
-- It follows from purchase days alone; before the first purchase a stage has no such day.
with stages as (

    select * from {{ ref('int_customers_staged') }}

),

rhythms as (

    select * from {{ ref('int_customer_rhythms_measured') }}

),

joined as (

    select
        stages.customer_id,
        stages.lifecycle_stage,
        stages.days_since_last_activity,
        stages.days_since_last_order,
        stages.purchase_days_count,
        rhythms.double_median_gap_days,
        rhythms.first_purchase_date,
        rhythms.second_purchase_date,
        rhythms.last_purchase_date,
        rhythms.reactivation_date,
        rhythms.active_spell_date
    from stages
    left join rhythms
        on stages.customer_id = rhythms.customer_id

),

-- An active spell starts where "new" or "reactivated" ends, else with the purchase that ended a silence.
final as (

    select
        customer_id,
        lifecycle_stage,
        days_since_last_activity,
        days_since_last_order,
        purchase_days_count,
        double_median_gap_days,
        first_purchase_date,
        case
            when lifecycle_stage = 'new' then first_purchase_date
            when lifecycle_stage = 'reactivated' then reactivation_date
            when lifecycle_stage = 'at_risk' then last_purchase_date + {{ var('active_days') }}
            when lifecycle_stage = 'dormant' then last_purchase_date + {{ var('at_risk_days') }}
            when lifecycle_stage = 'churned' then last_purchase_date + {{ var('dormant_days') }}
            when lifecycle_stage = 'active' and active_spell_date = first_purchase_date
                then least(first_purchase_date + {{ var('new_customer_days') }}, second_purchase_date)
            when lifecycle_stage = 'active' and active_spell_date = reactivation_date
                then reactivation_date + {{ var('reactivated_days') }}
            when lifecycle_stage = 'active' then active_spell_date
        end as stage_entered_date
    from joined

)

select * from final
