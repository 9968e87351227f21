-- Grain: one row per member of a segment, with what decides whether the person may be reached over a channel.
-- What is said of a purpose goes before what is said of all; the empty purpose sorts before every other.
with members as (

    select customer_id
    from segments.memberships
    where segment = $segment

),

elsewhere as (

    select distinct customer_id
    from segments.memberships
    where list_contains(cast($unless_in as varchar[]), segment)

),

closed as (

    select segment
    from segments.sizes
    where segment = $segment and is_reporting_only

),

consents as (

    select
        customer_id,
        case
            when cast($purpose as varchar) is null then bool_or(is_granted) filter (where channel = $channel)
            else max_by(is_granted, purpose) filter (where channel = $channel and purpose in ('', $purpose))
        end as is_granted,
        max_by(is_granted, purpose) filter (where channel = 'ads' and purpose in ('', 'ad_user_data'))
            as may_hand_over,
        max_by(is_granted, purpose) filter (where channel = 'ads' and purpose in ('', 'ad_personalization'))
            as may_personalize,
        bool_or(is_granted) filter (where channel = 'sms') as may_text
    from intermediate.int_consents_resolved
    group by customer_id

),

objections as (

    select
        customer_id,
        min(reason) filter (where channel is null or channel = $channel) as objection,
        bool_or(channel is null or channel = 'sms') as forbids_texts
    from intermediate.int_suppressions_resolved
    where customer_id is not null
    group by customer_id

)

select
    members.customer_id,
    case
        when closed.segment is not null then 'segment_too_small'
        when consents.is_granted is null then 'consent_unknown'
        when not consents.is_granted then 'consent_withdrawn'
        when
            $is_for_ads
            and coalesce(recipients.is_ads_consent_required, true)
            and not (coalesce(consents.may_hand_over, false) and coalesce(consents.may_personalize, false))
            then 'eea_without_ads_consent'
        when profiles.last_order_date > cast($as_of as date) - cast($quiet_days as integer) then 'ordered_lately'
        when elsewhere.customer_id is not null then 'in_other_segment'
    end as refusal,
    objections.objection,
    coalesce(consents.may_text, false) and not coalesce(objections.forbids_texts, false) as may_be_texted,
    recipients.email,
    recipients.phone,
    recipients.first_name,
    recipients.last_name,
    recipients.country_code,
    recipients.postal_code,
    profiles.lifecycle_stage,
    profiles.rfm_segment,
    profiles.orders_count,
    profiles.last_order_date
from members
cross join (select max(segment) as segment from closed) as closed
left join elsewhere
    on members.customer_id = elsewhere.customer_id
left join consents
    on members.customer_id = consents.customer_id
left join objections
    on members.customer_id = objections.customer_id
left join intermediate.int_recipients_joined as recipients
    on members.customer_id = recipients.customer_id
left join profiles.customer_profiles as profiles
    on members.customer_id = profiles.customer_id
