-- Grain: one row per listed customer, in exactly one stage.
with stages as (

    select * from {{ ref('int_customer_stages_dated') }}

),

final as (

    select
        customer_id,
        lifecycle_stage,
        days_since_last_activity,
        days_since_last_order,
        stage_entered_date
    from stages

)

select * from final
