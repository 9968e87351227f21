-- Grain: one row per offer and person it was shown or sent to.
-- Not used is said only once the offer is over: it ended, or without an end it has been known for long enough.
with exposures as (

    select * from {{ ref('stg_messaging__offer_exposures') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

offers as (

    select * from {{ ref('stg_messaging__offers') }}

),

redemptions as (

    select * from {{ ref('int_offer_redemptions_attributed') }}

),

exposed as (

    select
        exposures.offer_id,
        connected.customer_id,
        min(exposures.exposed_at) as exposed_at
    from exposures
    inner join connected
        on exposures.shop_customer_id = connected.shop_customer_id
    group by exposures.offer_id, connected.customer_id

),

dated as (

    select
        exposed.offer_id,
        exposed.customer_id,
        offers.offer_name,
        offers.offer_kind,
        case
            when offers.ends_at is not null then offers.ends_at <= {{ as_of_end() }}
            else not ({{ is_within_days(local_date('exposed.exposed_at'), var('offer_without_end_days')) }})
        end as is_over,
        exposed.exposed_at,
        offers.ends_at
    from exposed
    left join offers
        on exposed.offer_id = offers.offer_id

),

final as (

    select
        dated.offer_id,
        dated.customer_id,
        dated.offer_name,
        dated.offer_kind,
        dated.is_over,
        case
            when redemptions.redeemed_at is not null then true
            when dated.is_over then false
        end as is_redeemed,
        {{ local_date('dated.exposed_at') }} as exposed_date,
        dated.exposed_at,
        dated.ends_at,
        redemptions.redeemed_at
    from dated
    left join redemptions
        on dated.offer_id = redemptions.offer_id and dated.customer_id = redemptions.customer_id

)

select * from final
