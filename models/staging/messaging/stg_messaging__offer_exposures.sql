-- Grain: one row per time an offer was shown or sent to a customer by the end of the as-of date.
with offer_exposures as (

    select * from {{ source('raw', 'offer_exposures') }}

),

final as (

    select distinct
        offer_id,
        customer_id as shop_customer_id,
        cast(exposed_at as timestamp) as exposed_at
    from offer_exposures
    where cast(exposed_at as timestamp) < {{ as_of_end() }}

)

select * from final
