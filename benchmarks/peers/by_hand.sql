-- What a good engineer would write by hand: the same people, orders, sessions, carts, scores, stages and flags as the
-- pipeline, from Parquet landing files that are known to be clean, with no orchestration, versions, checks or history.
-- Not covered, because the generated shop has none: given session ids, several versions of a row, refunds by product
-- without an order, time zones other than UTC.
-- Tables on the way are temporary, which costs less than half of writing them to the file; only the result stays.
-- Variables: folder, as_of, pseudonym_key. The line `-- phase:` splits reading from computing; what stands between
-- `-- part:` and `-- end of part` the whole profile (whole/*.sql) takes from here.

-- phase: load
-- part: landing
create or replace macro landed(name) as table
    select * from read_parquet(getvariable('folder') || '/' || name || '/*.parquet');

create or replace macro day_end() as (getvariable('as_of')::date + 1)::timestamp;

create type event_word as enum (
    'page_view', 'product_view', 'category_view', 'search', 'add_to_cart', 'remove_from_cart', 'checkout_started',
    'payment_failed', 'purchase', 'wishlist_add', 'wishlist_remove', 'signup', 'login', 'newsletter_signup',
    'content_download', 'form_submitted', 'chat_opened'
);

create temp table refunds as
select order_id, amount::decimal(18, 2) as amount, refunded_at::timestamp as refunded_at
from landed('refunds');

create temp table identities as
select
    customer_id,
    identifier_type,
    if(identifier_type = 'email', nullif(lower(trim(identifier)), ''), identifier) as identifier
from landed('identities')
where seen_at::timestamp < day_end();
-- end of part

create temp table orders as
select
    order_id,
    customer_id,
    nullif(lower(trim(email)), '') as email,
    anonymous_id,
    ordered_at::timestamp as ordered_at,
    total_amount::decimal(18, 2) as total_amount,
    discount_amount::decimal(18, 2) as discount_amount,
    coupon_code is not null as has_coupon,
    lower(status) as status,
    cancelled_at::timestamp as cancelled_at,
    coalesce(updated_at, ordered_at)::timestamp as changed_at
from landed('orders')
where not coalesce(is_test, false) and ordered_at::timestamp < day_end();

create temp table order_lines as
select
    order_id,
    product_id,
    quantity::decimal(18, 3) as quantity,
    unit_price::decimal(18, 4) as unit_price,
    list_price::decimal(18, 4) as list_price
from landed('order_lines');

create temp table gift_cards as
select product_id from landed('products') where is_gift_card;

create temp table customers as
select customer_id, nullif(lower(trim(email)), '') as email, registered_at::timestamp as registered_at
from landed('customers')
where registered_at is null or registered_at::timestamp < day_end();

create temp table events as
select
    event_id,
    occurred_at::timestamp as occurred_at,
    try_cast(lower(event_type) as event_word) as event_type,
    anonymous_id,
    customer_id,
    nullif(lower(trim(email)), '') as email,
    cart_id,
    order_id,
    quantity::decimal(18, 3) as quantity
from landed('events')
where occurred_at::timestamp < day_end();

-- phase: models
-- part: words
create or replace macro pseudonym(named) as
    'c_' || left(sha256(getvariable('pseudonym_key') || sha256(getvariable('pseudonym_key') || named)), 24);
create or replace macro half_hour(instant) as epoch_us(instant) // 1800000000;
create or replace macro days_ago(day) as getvariable('as_of')::date - day;
-- end of part

-- Within one half hour no gap can be long, and a whole half hour without events is always one: the bins of a device
-- are few, and only they are ordered.
create temp table bins as
select
    coalesce(anonymous_id, 'c:' || customer_id, 'e:' || email) as device,
    half_hour(occurred_at) as bin,
    min(anonymous_id) as anonymous_id,
    min(occurred_at) as first_at,
    max(occurred_at) as last_at,
    count(*) filter (event_type in (
        'add_to_cart', 'payment_failed', 'purchase', 'signup', 'newsletter_signup', 'content_download',
        'form_submitted'
    )) as requests,
    min(occurred_at) filter (event_type = 'signup') as signup_at,
    min(occurred_at) filter (cart_id is null and event_type in (
        'add_to_cart', 'remove_from_cart', 'checkout_started'
    )) as cart_first_at,
    max(occurred_at) filter (cart_id is null and event_type in (
        'add_to_cart', 'remove_from_cart', 'checkout_started'
    )) as cart_last_at,
    count(*) filter (cart_id is null and event_type = 'add_to_cart') as adds,
    sum(coalesce(quantity, 1)) filter (cart_id is null and event_type = 'add_to_cart') as added,
    sum(coalesce(quantity, 1)) filter (cart_id is null and event_type = 'remove_from_cart') as removed
from events
where event_type is not null and coalesce(anonymous_id, customer_id, email) is not null
group by device, bin;

-- part: followers
-- A session is a device and its first bin; most have no other.
create temp table followers as
with islands as (
    select
        later.device,
        later.bin,
        later.bin - row_number() over (partition by later.device order by later.bin) as island
    from bins as later
    inner join bins as earlier on later.device = earlier.device and later.bin = earlier.bin + 1
    where epoch_us(later.first_at) - epoch_us(earlier.last_at) <= 1800000000
)
select device, bin, min(bin) over (partition by device, island) - 1 as first_bin from islands;

-- end of part

create temp table sessions as
with members as (
    select device, bin, first_bin from followers
    union
    select device, first_bin, first_bin from followers
)
select
    device,
    members.first_bin,
    min(anonymous_id) as anonymous_id,
    min(first_at) as started_at,
    max(last_at) as ended_at,
    sum(requests)::bigint as requests,
    min(signup_at) as signup_at,
    min(cart_first_at) as cart_first_at,
    max(cart_last_at) as cart_last_at,
    sum(adds)::bigint as adds,
    coalesce(sum(added), 0) as added,
    coalesce(sum(removed), 0) as removed
from bins
inner join members using (device, bin)
group by device, members.first_bin
union all
select
    device, bin, anonymous_id, first_at, last_at, requests, signup_at, cart_first_at, cart_last_at, adds,
    coalesce(added, 0), coalesce(removed, 0)
from bins
anti join members using (device, bin);

drop table bins;

-- part: who
-- Who: events that say it, the few identifiers with several customer ids, and whom they connect.
create temp table named_events as
select
    coalesce(anonymous_id, 'c:' || customer_id, 'e:' || email) as device,
    half_hour(occurred_at) as bin,
    anonymous_id,
    customer_id,
    email,
    order_id,
    occurred_at,
    event_id
from events
where event_type is not null and (customer_id is not null or email is not null or order_id is not null);

create temp table links as
select 'email:' || email as identifier, customer_id from customers where email is not null
union
select 'email:' || email, customer_id from orders where email is not null and customer_id is not null
union
select 'email:' || email, customer_id from named_events where email is not null and customer_id is not null
union
select 'email:' || identifier, customer_id from identities where identifier_type = 'email' and identifier is not null
union
select 'alias:' || identifier, customer_id from identities where identifier_type = 'customer_id'
union
select 'alias:' || identifier, identifier from identities where identifier_type = 'customer_id';

create temp table identifiers as
select identifier, min(customer_id) as smallest_id, count(*) as ids, count(*) > 5 as is_junk
from links
group by identifier;

create temp table edges as
select links.customer_id as one, identifiers.smallest_id as other
from links
inner join identifiers using (identifier)
where identifiers.ids between 2 and 5 and links.customer_id <> identifiers.smallest_id;

create temp table merged as
with recursive
both_ways as (select one, other from edges union select other, one from edges),
reached as (
    select one as customer_id, other as peer from both_ways
    union
    select reached.customer_id, both_ways.other from reached inner join both_ways on reached.peer = both_ways.one
)
select customer_id, min(peer) as person from reached group by customer_id having min(peer) < customer_id;

create temp table emails as
select
    addresses.email,
    coalesce(merged.person, identifiers.smallest_id, pseudonym('email:' || addresses.email)) as person
from (
    select email from customers where email is not null
    union
    select email from orders where email is not null
    union
    select email from named_events where email is not null
    union
    select identifier from identities where identifier_type = 'email' and identifier is not null
) as addresses
left join identifiers on identifiers.identifier = 'email:' || addresses.email
left join merged on identifiers.smallest_id = merged.customer_id
where not coalesce(identifiers.is_junk, false);

create temp table accounts as
select coalesce(merged.person, ids.customer_id) as person, min(ids.registered_at) as registered_at,
    max(ids.registered_at) as last_registered_at
from (
    select customer_id, registered_at from customers
    union all
    select distinct customer_id, null::timestamp from orders
    where customer_id is not null
    union all
    select distinct customer_id, null::timestamp from named_events
    where customer_id is not null
    union all
    select distinct customer_id, null::timestamp from identities
    union all
    select distinct identifier, null::timestamp from identities
    where identifier_type = 'customer_id'
) as ids
left join merged using (customer_id)
group by coalesce(merged.person, ids.customer_id);

create temp table named_orders as
select
    orders.order_id,
    orders.anonymous_id,
    orders.ordered_at,
    coalesce(merged.person, orders.customer_id, emails.person) as person
from orders
left join merged on orders.customer_id = merged.customer_id
left join emails on orders.email = emails.email;

create temp table recognised_events as
select
    named_events.device,
    named_events.bin,
    named_events.anonymous_id,
    coalesce(merged.person, named_events.customer_id, emails.person) as own_person,
    coalesce(own_person, named_orders.person) as person,
    named_events.occurred_at,
    named_events.event_id
from named_events
left join merged on named_events.customer_id = merged.customer_id
left join emails on named_events.email = emails.email
left join named_orders on named_events.order_id = named_orders.order_id
where coalesce(merged.person, named_events.customer_id, emails.person, named_orders.person) is not null;

create temp table owned_devices as
select anonymous_id, min(person) as person
from (
    select distinct anonymous_id, person from named_orders
    where anonymous_id is not null and person is not null
    union all
    select distinct anonymous_id, own_person from recognised_events
    where anonymous_id is not null and own_person is not null
    union all
    select identities.identifier, coalesce(merged.person, identities.customer_id)
    from identities left join merged using (customer_id)
    where identities.identifier_type = 'anonymous_id'
)
group by anonymous_id
having min(person) = max(person);

create temp table session_people as
with logins as (
    select
        device,
        coalesce(followers.first_bin, named.bin) as first_bin,
        arg_min(named.person, (named.occurred_at, named.event_id)) as login
    from recognised_events as named
    left join followers using (device, bin)
    group by device, coalesce(followers.first_bin, named.bin)
),
placed as (
    select
        sessions.device,
        sessions.first_bin,
        arg_min(named.person, (named.ordered_at, named.order_id)) as buyer
    from (select *, half_hour(ordered_at) as bin from named_orders where person is not null) as named
    left join followers on named.anonymous_id = followers.device and named.bin = followers.bin
    inner join sessions
        on named.anonymous_id = sessions.anonymous_id
        and coalesce(followers.first_bin, named.bin) = sessions.first_bin
        and named.ordered_at between sessions.started_at and sessions.ended_at
    group by sessions.device, sessions.first_bin
)
select
    sessions.*,
    coalesce(logins.login, placed.buyer, owned_devices.person, 'device:' || sessions.device) as person
from sessions
left join logins using (device, first_bin)
left join placed using (device, first_bin)
left join owned_devices on sessions.anonymous_id = owned_devices.anonymous_id;

-- end of part

-- Orders: their value, net of refunds, and what they are to their person.
create temp table line_sums as
select
    order_id,
    sum(quantity * unit_price)::decimal(18, 2) as amount,
    coalesce(sum(quantity * unit_price) filter (product_id in (from gift_cards)), 0)::decimal(18, 2)
        as gift_card_amount,
    coalesce(bool_or(10000 * unit_price < 9900 * list_price), false) as is_discounted,
    bool_or(list_price is not null) as has_list_price
from order_lines
group by order_id;

drop table order_lines;

create temp table refund_sums as
select order_id, coalesce(sum(amount) filter (refunded_at < day_end()), 0)::decimal(18, 2) as amount
from refunds
group by order_id;

create temp table valued as
select
    orders.order_id,
    orders.ordered_at,
    greatest(
        coalesce(orders.total_amount, line_sums.amount - coalesce(orders.discount_amount, 0), 0), 0
    )::decimal(18, 2) as product_amount,
    least(coalesce(line_sums.gift_card_amount, 0), product_amount) as gift_card_amount,
    orders.discount_amount is not null or orders.has_coupon or coalesce(line_sums.has_list_price, false)
        as is_discount_known,
    coalesce(orders.discount_amount, 0) > 0 or coalesce(line_sums.is_discounted, false) as is_discounted,
    case
        when orders.cancelled_at < day_end() then false
        when orders.cancelled_at is not null or orders.status is null then true
        else orders.status in (
            'paid', 'partially_paid', 'processing', 'complete', 'completed', 'fulfilled', 'partially_fulfilled',
            'shipped', 'delivered', 'closed', 'archived', 'partially_refunded', 'refunded'
        )
    end as is_valid,
    orders.status = 'refunded' and orders.changed_at < day_end() as is_refunded
from orders
left join line_sums using (order_id);

create temp table netted as
select
    coalesce(
        named_orders.person, owned_devices.person, 'device:' || named_orders.anonymous_id,
        'order:' || valued.order_id
    ) as person,
    valued.ordered_at,
    valued.is_discount_known,
    valued.is_discounted,
    valued.is_valid and valued.product_amount > valued.gift_card_amount as is_purchase,
    if(
        valued.is_valid,
        valued.product_amount - valued.gift_card_amount - least(
            coalesce(refund_sums.amount, if(valued.is_refunded, valued.product_amount, 0), 0),
            valued.product_amount - valued.gift_card_amount
        ),
        0
    )::decimal(18, 2) as net,
    valued.order_id
from valued
inner join named_orders using (order_id)
left join refund_sums using (order_id)
left join owned_devices on named_orders.anonymous_id = owned_devices.anonymous_id;

create temp table order_sums as
select
    person,
    count(*) filter (net > 0) as orders_count,
    coalesce(sum(net) filter (net > 0), 0)::decimal(18, 2) as net_revenue_amount,
    min(ordered_at::date) filter (net > 0) as first_order_date,
    max(ordered_at::date) filter (net > 0) as last_order_date,
    max(ordered_at)::date as last_placed_date,
    max(ordered_at) filter (is_purchase) as last_purchase_at,
    count(*) filter (net > 0 and days_ago(ordered_at::date) < 365) as year_orders,
    count(*) filter (net > 0 and days_ago(ordered_at::date) < 730) as window_orders,
    count(*) filter (net > 0 and is_discounted and days_ago(ordered_at::date) < 730) as discounted_orders,
    coalesce(sum(net) filter (net > 0 and days_ago(ordered_at::date) < 730), 0) as window_net,
    coalesce(sum(net) filter (net > 0 and not is_discounted and days_ago(ordered_at::date) < 730), 0) as full_price_net
from netted
group by person;

-- The rhythm matters only to those with more than one purchase.
create temp table rhythms as
with purchase_days as (
    select distinct netted.person, netted.ordered_at::date as day
    from netted
    inner join order_sums using (person)
    where netted.net > 0 and order_sums.orders_count > 1
),
gaps as (
    select person, day, day - lag(day) over (partition by person order by day) as gap
    from purchase_days
)
select
    person,
    count(*) as days,
    list_sort(list(gap) filter (gap is not null)) as sorted_gaps,
    (sorted_gaps[(days) // 2] + sorted_gaps[(days + 1) // 2])::bigint as double_median_gap,
    min(day) filter (gap is not null) as second_day,
    max(day) filter (gap >= 180) as reactivated_on,
    max(day) filter (gap is null or gap > 90) as active_since
from gaps
group by person;

-- Carts: those of a session, and those with a number of their own.
create temp table cart_sums as
with numbered as (
    select
        events.cart_id,
        arg_max(
            {device: coalesce(anonymous_id, 'c:' || customer_id, 'e:' || email), bin: half_hour(occurred_at)},
            (occurred_at, event_id)
        ) as place,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at,
        coalesce(sum(coalesce(quantity, 1)) filter (event_type = 'add_to_cart'), 0) as added,
        coalesce(sum(coalesce(quantity, 1)) filter (event_type = 'remove_from_cart'), 0) as removed,
        coalesce(bool_or(netted.is_purchase), false) as has_order
    from events
    left join netted using (order_id)
    where events.cart_id is not null and events.event_type is not null
        and coalesce(anonymous_id, customer_id, email) is not null
    group by events.cart_id
),
carts as (
    select
        sessions.person, numbered.first_at, numbered.last_at, numbered.added, numbered.removed, numbered.has_order
    from numbered
    left join followers on numbered.place.device = followers.device and numbered.place.bin = followers.bin
    inner join session_people as sessions
        on numbered.place.device = sessions.device
        and coalesce(followers.first_bin, numbered.place.bin) = sessions.first_bin
    union all
    select person, cart_first_at, cart_last_at, added, removed, false
    from session_people
    where adds > 0
),
outcomes as (
    select
        carts.person,
        carts.last_at,
        case
            when carts.has_order or order_sums.last_purchase_at >= carts.first_at then 'ordered'
            when carts.removed >= carts.added then 'emptied'
            when carts.last_at < day_end() - interval 1 hour then 'abandoned'
            else 'open'
        end as outcome
    from carts
    left join order_sums using (person)
)
select
    person,
    count(*) as carts_count,
    count(*) filter (outcome = 'open') as open_carts_count,
    count(*) filter (outcome = 'abandoned') as abandoned_carts_count,
    max(last_at) filter (outcome = 'abandoned')::date as last_abandoned_date
from outcomes
group by person;

drop table events;

create temp table session_sums as
select
    person,
    count(*) as sessions_count,
    sum(requests) as requests,
    max(started_at)::date as last_session_date,
    min(signup_at) as signup_at
from session_people
group by person;

-- People: those with an identifier, those who only ordered, and devices seen lately.
create temp table people as
with named as (
    select person from accounts
    union
    select person from emails
),
everybody as (
    select person, true as has_identifier from named
    union all
    select person, false from order_sums anti join named using (person)
    union all
    select person, false from session_sums anti join named using (person) anti join order_sums using (person)
    where days_ago(session_sums.last_session_date) < 90
)
select
    everybody.person,
    everybody.has_identifier,
    coalesce(order_sums.orders_count, 0) as orders_count,
    greatest(
        accounts.last_registered_at::date, order_sums.last_placed_date, session_sums.last_session_date
    ) as last_activity_date,
    least(accounts.registered_at, session_sums.signup_at) as registered_at,
    coalesce(session_sums.sessions_count, 0) as sessions_count,
    session_sums.requests,
    session_sums.last_session_date,
    order_sums.* exclude (person, orders_count)
from everybody
left join accounts using (person)
left join order_sums using (person)
left join session_sums using (person)
where everybody.has_identifier or orders_count > 0 or days_ago(last_activity_date) < 90;

create temp table later_sessions as
select people.person, count(*) as sessions
from people
inner join session_people using (person)
where people.orders_count = 0 and session_people.started_at > people.registered_at
group by people.person;

-- part: scores
create temp table scores as
with buyers as (
    select person, last_order_date, orders_count, net_revenue_amount
    from people
    where has_identifier and orders_count > 0
),
recency as (
    select last_order_date, sum(buyers) over (order by last_order_date) - buyers as worse
    from (select last_order_date, count(*) as buyers from buyers group by last_order_date)
),
frequency as (
    select orders_count, sum(buyers) over (order by orders_count) - buyers as worse
    from (select orders_count, count(*) as buyers from buyers group by orders_count)
),
monetary as (
    select net_revenue_amount, sum(buyers) over (order by net_revenue_amount) - buyers as worse
    from (select net_revenue_amount, count(*) as buyers from buyers group by net_revenue_amount)
)
select
    buyers.person,
    (1 + 5 * recency.worse // (select count(*) from buyers))::int as recency_score,
    if(
        buyers.orders_count < 3,
        least(1 + 5 * frequency.worse // (select count(*) from buyers), 4),
        1 + 5 * frequency.worse // (select count(*) from buyers)
    )::int as frequency_score,
    (1 + 5 * monetary.worse // (select count(*) from buyers))::int as monetary_score
from buyers
inner join recency using (last_order_date)
inner join frequency using (orders_count)
inner join monetary using (net_revenue_amount);

-- end of part

-- The map of eleven groups is written out: one row per recency score, from the lowest up.
create table customer_profiles as
with inputs as (
    select
        (select coalesce(bool_or(is_discount_known), false) from netted) as has_discounts,
        (select count(*) > 0 from sessions) as has_events,
        (select sum(net_revenue_amount) from order_sums where orders_count > 0) as all_net,
        (select count(*) from order_sums where orders_count > 0) as all_buyers
),
joined as (
    select
        people.*,
        scores.* exclude (person),
        (scores.frequency_score + scores.monetary_score + 1) // 2 as both_score,
        cart_sums.* exclude (person),
        later_sessions.sessions as later_sessions,
        rhythms.double_median_gap,
        rhythms.reactivated_on,
        coalesce(rhythms.active_since, people.first_order_date) as active_since,
        rhythms.second_day,
        case when people.orders_count > 0 then coalesce(rhythms.days, 1) else 0 end as purchase_days,
        days_ago(people.last_order_date) as silence,
        case
            when purchase_days = 0 and not people.has_identifier then 'anonymous'
            when purchase_days = 0 and days_ago(people.last_activity_date) < 180 then 'lead'
            when purchase_days = 0 then 'cold_lead'
            when purchase_days = 1 and days_ago(people.first_order_date) < 30 then 'new'
            when days_ago(rhythms.reactivated_on) < 30 then 'reactivated'
            when silence < 90 then 'active'
            when silence < 180 then 'at_risk'
            when silence < 365 then 'dormant'
            else 'churned'
        end as stage,
        inputs.*
    from people
    left join scores using (person)
    left join cart_sums using (person)
    left join later_sessions using (person)
    left join rhythms using (person)
    cross join inputs
)
select
    case when person[:7] = 'device:' or person[:6] = 'order:' then pseudonym(person) else person end as customer_id,
    case
        when has_identifier and orders_count > 0 then 'buyer'
        when has_identifier then 'lead'
        when orders_count > 0 then 'guest'
        else 'anonymous'
    end as customer_kind,
    orders_count,
    coalesce(net_revenue_amount, 0)::decimal(18, 2) as net_revenue_amount,
    first_order_date,
    last_order_date,
    silence as days_since_last_order,
    recency_score,
    frequency_score,
    monetary_score,
    case
        when recency_score is not null
            then [
                ['Lost', 'Hibernating', 'At Risk', 'Can''t Lose Them', 'Can''t Lose Them'],
                ['About To Sleep', 'Needing Attention', 'Needing Attention', 'At Risk', 'At Risk'],
                ['Promising', 'Needing Attention', 'Potential Loyalist', 'Loyal', 'Loyal'],
                ['Promising', 'Potential Loyalist', 'Potential Loyalist', 'Loyal', 'Champions'],
                ['Recent', 'Potential Loyalist', 'Loyal', 'Champions', 'Champions']
            ][recency_score][both_score]
    end as rfm_segment,
    stage as lifecycle_stage,
    case stage
        when 'new' then first_order_date
        when 'reactivated' then reactivated_on
        when 'at_risk' then last_order_date + 90
        when 'dormant' then last_order_date + 180
        when 'churned' then last_order_date + 365
        when 'active' then case
            when active_since = first_order_date then least(first_order_date + 30, second_day)
            when active_since = reactivated_on then reactivated_on + 30
            else active_since
        end
    end as stage_entered_date,
    case when has_events then sessions_count end as sessions_count,
    case when has_events then coalesce(carts_count, 0) end as carts_count,
    case when has_events then coalesce(open_carts_count, 0) end as open_carts_count,
    case when has_events then coalesce(abandoned_carts_count, 0) end as abandoned_carts_count,
    case when orders_count > 0 then orders_count = 1 end as is_one_timer,
    case when orders_count > 0
        then year_orders >= 3 and silence <= greatest(90, coalesce(double_median_gap, 0))
    end as is_repeat_loyal,
    silence < 30 as is_recent_buyer,
    silence >= 90 as is_lapsed_buyer,
    case when has_events then coalesce(days_ago(last_abandoned_date) < 30, false) end as is_cart_abandoner,
    case when orders_count > 0 then net_revenue_amount * all_buyers > all_net end as is_high_spender,
    case when orders_count > 0 and has_discounts
        then window_orders >= 2
            and 4 * discounted_orders >= 3 * window_orders
            and 4 * full_price_net <= window_net
    end as is_discount_lover,
    case when has_events
        then registered_at is not null and orders_count = 0 and coalesce(later_sessions, 0) >= 2
    end as is_registered_browser,
    case when has_events
        then not has_identifier
            and registered_at is null
            and last_placed_date is null
            and coalesce(requests, 0) = 0
            and coalesce(days_ago(last_session_date) < 30, false)
    end as is_curious_browser,
    case when has_events and orders_count > 0
        then silence >= 365 and coalesce(days_ago(last_session_date) >= 180, true)
    end as is_idle
from joined;
