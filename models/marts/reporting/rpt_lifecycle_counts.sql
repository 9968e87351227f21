-- Grain: one row per lifecycle stage, empty ones included.
with stages as (

    select * from {{ ref('lifecycle_stages') }}

),

customers as (

    select * from {{ ref('fct_customer_lifecycle') }}

),

summed as (

    select
        lifecycle_stage,
        cast(count(*) as bigint) as customers_count
    from customers
    group by lifecycle_stage

),

final as (

    select
        stages.lifecycle_stage,
        stages.title,
        stages.stage_order,
        coalesce(summed.customers_count, 0) as customers_count
    from stages
    left join summed
        on stages.lifecycle_stage = summed.lifecycle_stage

)

select * from final
