-- Grain: one row per person who was written to, offered or asked something.
-- Getting it is being seen; clicking, changing a consent, using an offer, answering and joining are activity.
with connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

messages as (

    select * from {{ ref('int_customer_messages_summed') }}

),

consents as (

    select * from {{ ref('int_consent_changes_unioned') }}

),

exposures as (

    select * from {{ ref('int_offer_exposures_resolved') }}

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

acts as (

    {% for table, moment in {
        'redemptions': 'redeemed_at', 'survey_answers': 'answered_at', 'memberships': 'joined_at'
    }.items() %}
        select shop_customer_id, {{ moment }} as acted_at from {{ table }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

dated as (

    select
        customer_id,
        first_sent_date as seen_date,
        last_click_date as activity_date
    from messages
    union all
    select
        customer_id,
        {{ local_date('changed_at') }} as seen_date,
        {{ local_date('changed_at') }} as activity_date
    from consents
    union all
    select
        customer_id,
        exposed_date as seen_date,
        null as activity_date
    from exposures
    union all
    select
        connected.customer_id,
        {{ local_date('acts.acted_at') }} as seen_date,
        {{ local_date('acts.acted_at') }} as activity_date
    from acts
    inner join connected
        on acts.shop_customer_id = connected.shop_customer_id

),

final as (

    select
        customer_id,
        min(seen_date) as first_seen_date,
        max(activity_date) as last_activity_date
    from dated
    group by customer_id

)

select * from final
