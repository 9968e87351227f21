-- Grain: one row per declared segment, empty ones included.
with people as (

    select
        customer_id,
        coalesce(customer_kind <> 'anonymous', false) as is_known,
        net_revenue_amount,
        is_email_contactable as is_contactable,
        is_sms_contactable,
        is_ads_contactable
    from profiles.customer_profiles

),

known as (

    select
        count(*) filter (where is_known) as known_customers_count,
        coalesce(bool_or(is_contactable is not null or is_ads_contactable is not null), false) as has_consents
    from people

),

declared as (

    select
        unnest(cast($segments as varchar[])) as segment,
        unnest(cast($consents as varchar[])) as consent

),

current_members as (

    select
        memberships.segment,
        count(*) as members_count,
        count(*) filter (where not people.is_known) as anonymous_members_count,
        count(*) filter (
            where case declared.consent
                when 'sms' then people.is_sms_contactable
                when 'ads' then people.is_ads_contactable
                else people.is_contactable
            end
        ) as contactable_count,
        sum(people.net_revenue_amount) as net_revenue_amount,
        -- Whoever was a member on the day before has kept an earlier date.
        count(*) filter (where memberships.entered_date = cast($as_of as date)) as entered_count
    from segments.memberships
    inner join declared
        on memberships.segment = declared.segment
    inner join people
        on memberships.customer_id = people.customer_id
    group by memberships.segment

),

counted as (

    select
        declared.segment,
        coalesce(current_members.members_count, 0) as members_count,
        coalesce(current_members.anonymous_members_count, 0) as anonymous_members_count,
        case when known.has_consents then coalesce(current_members.contactable_count, 0) end as contactable_count,
        coalesce(current_members.net_revenue_amount, 0) as net_revenue_amount,
        coalesce(current_members.entered_count, 0) as entered_count,
        coalesce(previous.members_count, 0) - coalesce(current_members.members_count - current_members.entered_count, 0)
            as left_count,
        known.known_customers_count
    from declared
    left join current_members
        on declared.segment = current_members.segment
    left join temp.previous_counts as previous
        on declared.segment = previous.segment
    cross join known

)

select
    cast($as_of as date) as as_of_date,
    segment,
    members_count,
    anonymous_members_count,
    contactable_count,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(
        case
            when known_customers_count > 0
                then (members_count - anonymous_members_count) / cast(known_customers_count as double)
        end as double
    ) as share,
    members_count < $min_members_count
    or members_count * 10000 < known_customers_count * $min_known_share_bp as is_too_small,
    members_count > 0 and members_count < $min_addressed_count as is_reporting_only,
    case when $is_day_before_built then entered_count end as entered_count,
    case when $is_day_before_built then cast(left_count as bigint) end as left_count
from counted
