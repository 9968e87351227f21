-- Grain: one row per combination of customer id and address that the shop wrote to, offered or asked something.
-- A message is to one person: what its events name is seen together. Counted per message, as there are far fewer.
with messages as (

    select * from {{ ref('int_messages_summed') }}

),

consents as (

    select * from {{ ref('stg_messaging__consents') }}

),

exposures as (

    select * from {{ ref('stg_messaging__offer_exposures') }}

),

redemptions as (

    select * from {{ ref('stg_messaging__offer_redemptions') }}

),

survey_answers as (

    select * from {{ ref('stg_messaging__survey_answers') }}

),

memberships as (

    select * from {{ ref('stg_shop__loyalty_memberships') }}

),

sightings as (

    select
        shop_customer_id,
        email,
        first_event_at as seen_at
    from messages
    union all
    select
        shop_customer_id,
        email,
        changed_at as seen_at
    from consents
    union all
    select
        shop_customer_id,
        null as email,
        exposed_at as seen_at
    from exposures
    union all
    select
        shop_customer_id,
        null as email,
        redeemed_at as seen_at
    from redemptions
    union all
    select
        shop_customer_id,
        null as email,
        answered_at as seen_at
    from survey_answers
    union all
    select
        shop_customer_id,
        null as email,
        joined_at as seen_at
    from memberships

),

final as (

    select
        shop_customer_id,
        email,
        min(seen_at) as seen_at
    from sightings
    where shop_customer_id is not null or email is not null
    group by shop_customer_id, email

)

select * from final
