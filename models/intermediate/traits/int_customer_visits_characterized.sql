-- Grain: one row per known person with a session: how the person came first, and on what and from where of late.
-- The main device is so by its share of the sessions that say theirs. Of places equally frequent the latest counts.
with sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

customers as (

    select * from {{ ref('int_customers_listed') }}

),

visits as (

    select
        attributed.customer_id,
        {{ normalised_words('sessions.channel') }} as channel,
        {{ normalised_words('sessions.device_type') }} as device_type,
        nullif(trim(sessions.country), '') as country,
        nullif(trim(sessions.region), '') as region,
        {{ is_within_days('sessions.session_date', var('visit_traits_days')) }} as is_recent,
        row_number() over (
            partition by attributed.customer_id
            order by sessions.started_at, sessions.session_key
        ) as visit_number
    from sessions
    inner join attributed
        on sessions.session_key = attributed.session_key
    inner join customers
        on attributed.customer_id = customers.customer_id
    where customers.customer_kind <> 'anonymous' and not sessions.is_bot

),

devices as (

    select
        customer_id,
        device_type,
        10000 * count(*)
        >= {{ var('main_device_min_share_bp') }} * sum(count(*)) over (partition by customer_id) as is_main
    from visits
    where is_recent and device_type is not null
    group by customer_id, device_type

),

main_devices as (

    select
        customer_id,
        coalesce(min(case when is_main then device_type end), 'multi') as main_device,
        bool_or(device_type = 'app') as is_app_user
    from devices
    group by customer_id

),

places as (

    select
        customer_id,
        country,
        region,
        sum(count(*)) over (partition by customer_id, country) as country_visits_count,
        count(*) as visits_count,
        max(visit_number) as last_visit_number
    from visits
    where is_recent and country is not null
    group by customer_id, country, region

),

homes as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by country_visits_count desc, visits_count desc, last_visit_number desc
        ) as home_rank
    from places

),

final as (

    select
        visits.customer_id,
        visits.channel as first_touch_channel,
        main_devices.main_device,
        homes.country as visit_country,
        homes.region as visit_region,
        main_devices.is_app_user
    from visits
    left join main_devices
        on visits.customer_id = main_devices.customer_id
    left join homes
        on visits.customer_id = homes.customer_id and homes.home_rank = 1
    where visits.visit_number = 1

)

select * from final
