-- Sessions with what was done in them, and whose they are.

-- phase: models
-- by_hand.sql: words
create or replace macro device_of(anonymous_id, customer_id, email) as
    coalesce(anonymous_id, 'c:' || customer_id, 'e:' || email);
-- Whole numbers, rounded half up; basis points of nothing are null.
create or replace macro rounded(part, whole) as (2 * part + whole) // (2 * whole);
create or replace macro bp(part, whole) as if(whole > 0, rounded(10000 * part, whole), null)::bigint;
create or replace macro cents(amount) as (100 * amount)::bigint;
create or replace macro money(cents) as (cents * 0.01)::decimal(18, 2);
create or replace macro half_up(median) as floor(median + 0.5)::bigint;

create temp table bins as
select
    device_of(anonymous_id, customer_id, email) as device,
    half_hour(occurred_at) as bin,
    min(anonymous_id) as anonymous_id,
    min(device_type) as device_type,
    min(channel) as channel,
    min(country) as country,
    min(occurred_at) as first_at,
    max(occurred_at) as last_at,
    min(occurred_at) filter (event_type = 'signup') as signup_at,
    count(*) as events,
    count(*) filter (event_type = 'product_view') as product_views,
    count(*) filter (event_type = 'category_view') as category_views,
    count(*) filter (event_type = 'add_to_cart') as cart_adds,
    count(*) filter (event_type = 'checkout_started') as checkouts,
    count(*) filter (event_type = 'payment_failed') as payment_errors,
    count(*) filter (event_type = 'purchase') as purchases,
    count(*) filter (event_type = 'content_download') as downloads,
    count(*) filter (event_type in ('signup', 'newsletter_signup', 'form_submitted')) as other_forms
from events
where event_type is not null and coalesce(anonymous_id, customer_id, email) is not null
group by device, bin;

-- by_hand.sql: followers

-- A bot stays longer than a day, or does more than anybody would, and does not even try to order.
create temp table sessions as
with members as (
    select device, bin, first_bin from followers
    union
    select device, first_bin, first_bin from followers
),
summed as (
    select
        device, members.first_bin, min(anonymous_id) as anonymous_id, min(device_type) as device_type,
        min(channel) as channel, min(country) as country, min(first_at) as started_at, max(last_at) as ended_at,
        min(signup_at) as signup_at, sum(events) as events, sum(product_views) as product_views,
        sum(category_views) as category_views, sum(cart_adds) as cart_adds, sum(checkouts) as checkouts,
        sum(payment_errors) as payment_errors, sum(purchases) as purchases, sum(downloads) as downloads,
        sum(other_forms) as other_forms
    from bins
    inner join members using (device, bin)
    group by device, members.first_bin
    union all
    select * from bins anti join members using (device, bin)
)
select
    * replace (events::int as events, product_views::int as product_views, category_views::int as category_views,
        cart_adds::int as cart_adds, checkouts::int as checkouts, payment_errors::int as payment_errors,
        purchases::int as purchases, downloads::int as downloads, other_forms::int as other_forms),
    started_at::date as day,
    payment_errors + purchases = 0
    and (events > 1000 or ended_at - started_at > interval 24 hours) as is_bot
from summed;

drop table bins;

-- by_hand.sql: who

drop table sessions;
drop table named_events;
drop table recognised_events;
drop table links;

-- What happened, with the session and the person it belongs to.
create temp view attributed_events as
select events.*, sessions.device, sessions.first_bin, sessions.person, sessions.is_bot, sessions.day
from events
left join followers
    on device_of(events.anonymous_id, events.customer_id, events.email) = followers.device
    and half_hour(events.occurred_at) = followers.bin
inner join session_people as sessions
    on device_of(events.anonymous_id, events.customer_id, events.email) = sessions.device
    and coalesce(followers.first_bin, half_hour(events.occurred_at)) = sessions.first_bin
where events.event_type is not null;
