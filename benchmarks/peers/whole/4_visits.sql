-- What people did on the site: ever and lately, how far they came, and on what and from where.

create temp table session_sums as
select
    person,
    count(*) as sessions_count,
    sum(cart_adds + payment_errors + purchases + downloads + other_forms)::bigint as requests,
    sum(product_views)::bigint as product_views,
    sum(downloads)::bigint as downloads,
    min(day) as first_session_date,
    max(day) as last_session_date,
    max(day) filter (cart_adds > 0) as last_cart_add,
    max(day) filter (category_views > 0) as last_category_view,
    max(day) filter (product_views > 0) as last_product_view,
    min(signup_at) as signup_at,
    arg_min(channel, (started_at, device)) as first_channel,
    sum(product_views) filter (days_ago(day) < 365)::bigint as year_product_views,
    count(*) filter (days_ago(day) < 90) as quarter_sessions,
    sum((epoch_us(ended_at) - epoch_us(started_at)) // 1000000) filter (days_ago(day) < 90)::bigint
        as quarter_seconds,
    sum(cart_adds) filter (days_ago(day) < 90)::bigint as quarter_cart_adds,
    sum(category_views) filter (days_ago(day) < 90)::bigint as quarter_category_views,
    sum(product_views) filter (days_ago(day) < 90)::bigint as quarter_product_views,
    sum(cart_adds) filter (days_ago(day) < 30)::bigint as month_cart_adds,
    sum(category_views) filter (days_ago(day) < 30)::bigint as month_category_views,
    sum(product_views) filter (days_ago(day) < 30)::bigint as month_product_views
from session_people
where not is_bot
group by person;

-- The main device of the quarter, and the country most visited from; of equals the latest.
create temp table visit_traits as
with visits as (
    select person, device_type, country, started_at
    from session_people
    where not is_bot and days_ago(day) < 90
        and (person[:7] <> 'device:' or person in (select person from order_sums where orders_count > 0))
),
devices as (
    select
        person,
        device_type,
        10000 * count(*) >= 6000 * sum(count(*)) over (partition by person) as is_main
    from visits
    where device_type is not null
    group by person, device_type
),
main_devices as (
    select
        person,
        coalesce(min(device_type) filter (is_main), 'multi') as main_device,
        bool_or(device_type = 'app') as is_app_user
    from devices
    group by person
),
countries as (
    select person, country, (count(*), max(started_at)) as rank
    from visits
    where country is not null
    group by person, country
),
visit_countries as (select person, arg_max(country, rank) as visit_country from countries group by person)
select * from main_devices full join visit_countries using (person);

-- The path of the last thirty days, a letter for each event, a dot where it was silent for a minute: all sessions of a
-- person in a row. Instant and letter are one number, so that letters stand in their order within an instant.
create temp table recent_visits as
with steps as (
    select
        device,
        first_bin,
        list_sort(list(epoch_us(occurred_at) * 16 + position(case
            when event_type = 'add_to_cart' then 'a'
            when event_type = 'remove_from_cart' then 'r'
            when event_type = 'checkout_started' then 'k'
            when event_type = 'payment_failed' then 'e'
            when event_type = 'purchase' then 'o'
            when event_type = 'product_view' then 'p'
            when event_type = 'category_view' then 'c'
            when event_type = 'search' then 's'
            when page_type = 'home' then 'h'
            when page_type = 'category' then 'c'
            when page_type = 'product' then 'p'
            when page_type = 'search' then 's'
            when page_type = 'content' then 'n'
            when page_type = 'cart' then 'b'
            when page_type = 'checkout' then 'k'
            when event_type = 'page_view' or page_type is not null then 'x'
            else '-'
        end in '-xnshcparbkeo'))) as steps
    from attributed_events
    where days_ago(day) < 30 and occurred_at >= day_end() - interval 30 days
    group by device, first_bin
),
paths as (
    select
        device,
        first_bin,
        array_to_string(list_transform(steps, lambda step, place:
            if(place > 1 and (step >> 4) - (steps[place - 1] >> 4) >= 60000000, '.', '')
            || '-xnshcparbkeo'[step & 15]
        ), '') as path
    from steps
),
visits as (
    select
        sessions.*,
        paths.path,
        coalesce(sessions.started_at > order_sums.last_purchase_at, true) as is_pending
    from session_people as sessions
    inner join paths using (device, first_bin)
    left join order_sums using (person)
    where not sessions.is_bot
),
summed as (
    select
        person,
        string_agg(path, '' order by started_at, device) as path,
        count(*) filter (path like '%.%' and not regexp_matches(split_part(path, '.', 1), '[ark]')) as idle_sessions,
        sum(product_views)::bigint as product_views,
        sum(cart_adds)::bigint as cart_adds,
        sum(checkouts)::bigint as checkouts,
        count(*) filter (is_pending and cart_adds > 0) as pending_carts,
        sum(checkouts) filter (is_pending)::bigint as pending_checkouts,
        sum(checkouts) filter (is_pending and days_ago(day) < 7)::bigint as latest_checkouts,
        sum(payment_errors) filter (is_pending and days_ago(day) < 7)::bigint as latest_payment_errors
    from visits
    group by person
)
select
    * exclude (path),
    case
        when path like '%h%c%p%a%k%o%' then 'order'
        when path like '%h%c%p%a%k%' then 'checkout'
        when path like '%h%c%p%a%' then 'cart'
        when path like '%h%c%p%' then 'product'
        when path like '%h%c%' then 'category'
        when path like '%h%' then 'home'
        else 'visit'
    end as funnel_step
from summed;

-- Everybody who came in the quarter is held against everybody else who did.
create temp table visitors as
select
    session_sums.person,
    coalesce(order_sums.quarter_orders, 0) as quarter_orders,
    session_sums.quarter_seconds,
    session_sums.quarter_product_views,
    bp(coalesce(order_sums.quarter_orders, 0), session_sums.quarter_sessions) as orders_per_session
from session_sums
left join order_sums using (person)
where session_sums.quarter_sessions > 0;
