{{ config(materialized='view') }}
-- Grain: one row per listed customer: what became of the offers to them. Absence is asked only of those who got some.
with customers as (

    select * from {{ ref('int_customers_listed') }}

),

offers as (

    select * from {{ ref('int_customer_offers_summed') }}

),

inputs as (

    select * from {{ ref('int_inputs_summarized') }}

),

operands as (

    select
        customers.customer_id,
        coalesce(offers.decided_offers_count, 0) as decided_offers_count,
        coalesce(offers.redeemed_offers_count, 0) as redeemed_offers_count,
        inputs.has_offer_redemptions,
        inputs.has_offer_exposures
    from customers
    left join offers
        on customers.customer_id = offers.customer_id
    cross join inputs

),

final as (

    select
        customer_id,
        case when has_offer_exposures then decided_offers_count end as decided_offers_count,
        case when has_offer_exposures and has_offer_redemptions then redeemed_offers_count end
            as redeemed_offers_count,
        case
            when has_offer_exposures and has_offer_redemptions and decided_offers_count > 0
                then
                    decided_offers_count >= {{ var('offer_ignorer_offers_count') }}
                    and redeemed_offers_count = 0
        end as is_offer_ignorer
    from operands

)

select * from final
