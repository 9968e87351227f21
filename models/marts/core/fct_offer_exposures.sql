-- Grain: one row per offer and person it was shown or sent to.
with exposures as (

    select * from {{ ref('int_offer_exposures_resolved') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

final as (

    select
        exposures.offer_id,
        exposures.customer_id,
        exposures.offer_name,
        exposures.offer_kind,
        exposures.is_over,
        case when inputs.has_offer_redemptions then exposures.is_redeemed end as is_redeemed,
        exposures.exposed_date,
        exposures.ends_at,
        exposures.redeemed_at
    from exposures
    cross join inputs

)

select * from final
