-- Grain: one row per listed customer, in exactly one stage.
-- Beside the stage that fixed numbers of days give stands the one that the customer's own rhythm gives.
with stages as (

    select * from {{ ref('int_customer_stages_dated') }}

),

shop as (

    select {{ first_orders_known_from('first_purchase_date') }} as known_from_date
    from stages

),

-- A rhythm is kept as twice the median gap, so silence is doubled too: everything stays a whole number.
measured as (

    select
        *,
        coalesce(purchase_days_count > {{ var('personal_stage_gaps_count') }}, false) as has_rhythm,
        cast(days_since_last_order as bigint) * 2 as double_silence_days,
        cast(days_since_last_order as bigint) * 2 * 10000 as double_silence_bp
    from stages

),

final as (

    select
        measured.customer_id,
        measured.lifecycle_stage,
        case
            when not measured.has_rhythm then measured.lifecycle_stage
            when
                measured.double_silence_bp
                <= measured.double_median_gap_days * {{ var('personal_active_silence_bp') }}
                then 'active'
            when
                measured.double_silence_bp
                <= measured.double_median_gap_days * {{ var('personal_at_risk_silence_bp') }}
                then 'at_risk'
            when
                measured.double_silence_bp
                <= measured.double_median_gap_days * {{ var('personal_dormant_silence_bp') }}
                then 'dormant'
            else 'churned'
        end as personal_stage,
        measured.days_since_last_activity,
        measured.days_since_last_order,
        case
            when measured.has_rhythm
                then {{ ratio_bp('measured.double_silence_days', 'measured.double_median_gap_days') }}
        end as silence_to_rhythm_bp,
        measured.first_purchase_date < shop.known_from_date as is_first_order_uncertain,
        measured.stage_entered_date
    from measured
    cross join shop

)

select * from final
