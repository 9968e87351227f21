-- Carts: those of a session, and those with a number of their own; what they are worth by today's list prices.

create temp table carts as
with cart_events as (
    select
        events.device,
        events.first_bin,
        events.person,
        events.cart_id,
        events.event_type,
        events.event_id,
        events.occurred_at,
        events.order_id,
        coalesce(events.quantity, 1) as quantity,
        events.event_type in ('add_to_cart', 'remove_from_cart') and products.list_price is null as is_unknown,
        cents(coalesce(events.quantity, 1) * products.list_price) as worth_cents
    from attributed_events as events
    left join products using (product_id)
    where events.cart_id is not null
        or events.event_type in ('add_to_cart', 'remove_from_cart', 'checkout_started')
),
summed as (
    select
        cart_id,
        if(cart_id is null, device, null) as cart_device,
        if(cart_id is null, first_bin, null) as cart_bin,
        arg_max(cart_events.person, (occurred_at, event_id)) as person,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at,
        coalesce(sum(quantity) filter (event_type = 'add_to_cart'), 0) as added,
        coalesce(sum(quantity) filter (event_type = 'remove_from_cart'), 0) as removed,
        coalesce(sum(worth_cents) filter (event_type = 'add_to_cart'), 0)
        - coalesce(sum(worth_cents) filter (event_type = 'remove_from_cart'), 0) as worth_cents,
        bool_or(is_unknown) as is_unknown,
        coalesce(bool_or(netted.is_purchase), false) as has_order
    from cart_events
    left join netted using (order_id)
    group by cart_id, cart_device, cart_bin
    having cart_id is not null or added > 0
)
select
    summed.person,
    summed.last_at,
    coalesce(summed.cart_id, summed.cart_device) as cart,
    if(summed.is_unknown, null, money(greatest(summed.worth_cents, 0))) as amount,
    case
        when summed.has_order or order_sums.last_purchase_at >= summed.first_at then 'ordered'
        when summed.removed >= summed.added then 'emptied'
        when summed.last_at < day_end() - interval 1 hour then 'abandoned'
        else 'open'
    end as outcome
from summed
left join order_sums on summed.person = order_sums.person;

create temp table cart_sums as
select
    person,
    count(*) as carts_count,
    count(*) filter (outcome = 'open') as open_carts_count,
    count(*) filter (outcome = 'abandoned') as abandoned_carts_count,
    max(last_at) filter (outcome = 'abandoned')::date as last_abandoned_date
from carts
group by person;

create temp table open_carts as
with latest as (
    select person, arg_max_null(amount, (last_at, cart)) as amount
    from carts
    where outcome in ('open', 'abandoned') and days_ago(last_at::date) < 30
    group by person
)
select person, amount, 1 + 5 * (rank() over (order by amount) - 1) // count(*) over () as score
from latest
where amount is not null;
