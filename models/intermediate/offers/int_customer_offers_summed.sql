-- Grain: one row per person an offer was shown or sent to in the last offer_ignorer_days.
with exposures as (

    select * from {{ ref('int_offer_exposures_resolved') }}

),

final as (

    select
        customer_id,
        {{ count_where('is_over or is_redeemed') }} as decided_offers_count,
        {{ count_where('is_redeemed') }} as redeemed_offers_count
    from exposures
    where {{ is_within_days('exposed_date', var('offer_ignorer_days')) }}
    group by customer_id

)

select * from final
