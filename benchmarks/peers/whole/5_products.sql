-- What people buy, at which prices, again and in which rhythm; gift cards are money.

create temp table order_products as
with summed as (
    select
        order_id,
        product_id,
        sum(quantity) as quantity,
        cents(sum(quantity * unit_price)) as paid_cents,
        if(count(list_price) = count(*), cents(sum(quantity * list_price)), null) as list_cents,
        cents(sum(quantity * coalesce(list_price, unit_price))) as worth_cents
    from order_lines
    where product_id is not null and quantity > 0
    group by order_id, product_id
)
select
    netted.person,
    order_id,
    product_id,
    products.category,
    products.product_line,
    summed.quantity::decimal(18, 3) as quantity,
    summed.worth_cents,
    rounded(
        bp(summed.paid_cents, summed.list_cents) * bp(cents(netted.product_amount), cents(netted.gross)), 10000
    ) as paid_share_bp,
    netted.ordered_at,
    netted.day,
    netted.day - lag(netted.day) over product as gap,
    lead(order_id) over product is null as is_latest
from summed
inner join netted using (order_id)
left join products using (product_id)
where netted.is_counted and not coalesce(products.is_gift_card, false)
window product as (partition by netted.person, product_id order by netted.ordered_at, order_id);

-- What a product costs among its like, how much and how often it is bought.
create temp table product_measures as
with levels as (
    select
        product_id,
        category,
        quantile_disc(quantity, 0.95) as bulk_quantity,
        rounded(100000 * sum(worth_cents), (1000 * sum(quantity))::bigint) as price_level,
        if(count(*) filter (gap > 0) >= 2, 2 * median(gap) filter (gap > 0), null)::bigint as double_median_gap
    from order_products
    group by product_id, category
)
select
    product_id,
    bulk_quantity,
    double_median_gap,
    if(category is not null, bp(
        2 * rank() over (partition by category order by price_level) - 2
        + count(*) over (partition by category, price_level) - 1,
        2 * count(*) over (partition by category) - 2
    ), null) as price_percentile_bp
from levels;

-- Whoever bought a product on three days has a rhythm of their own; else that of all who bought it counts.
create temp table basket_sums as
with own_rhythms as (
    select person, product_id, half_up(median(gap)) as own_days
    from order_products
    where gap > 0
    group by person, product_id
    having count(*) >= 2
),
bought as (
    select
        order_products.*,
        measures.price_percentile_bp,
        order_products.quantity >= greatest(measures.bulk_quantity, 3) as is_bulk,
        case when order_products.is_latest then coalesce(
            own_rhythms.own_days,
            rounded(measures.double_median_gap * (1000 * order_products.quantity)::bigint, 2000)
        ) end as expected_days,
        order_products.day + expected_days::int - getvariable('as_of')::date as days_until_due
    from order_products
    inner join product_measures as measures using (product_id)
    left join own_rhythms using (person, product_id)
)
select
    person,
    arg_min(product_id, (-epoch_us(ordered_at), product_id)) as last_product_id,
    count(*) as purchases,
    count(*) filter (gap is null) as first_purchases,
    count(category) as categorised,
    count(product_line) as lined,
    count(distinct order_id) filter (is_bulk) as bulk_orders,
    median(price_percentile_bp) filter (days_ago(day) < 730) as price_percentile_bp,
    median(paid_share_bp) filter (days_ago(day) < 730) as paid_share_bp,
    count(*) filter (expected_days <= 730) as dated_products,
    count(*) filter (expected_days <= 730 and days_until_due between -14 and 7) as due_products
from bought
group by person;

create temp table top_categories as
with units as (
    select person, category, sum(quantity) as units
    from order_products
    where days_ago(day) < 365 and category is not null
    group by person, category
)
select
    person,
    arg_min(category, (-units, category)) as category,
    bp((1000 * max(units))::bigint, (1000 * sum(units))::bigint) as share_bp
from units
group by person;

create temp table top_lines as
with units as (
    select person, product_line, sum(quantity) as units, count(distinct order_id) as orders
    from order_products
    where days_ago(day) < 365 and product_line is not null
    group by person, product_line
)
select
    person,
    arg_min(product_line, (-units, product_line)) as main_line,
    string_agg(replace(product_line, ',', ';'), ',' order by replace(product_line, ',', ';')) as lines,
    arg_min(product_line, (-orders, product_line)) as most_ordered_line,
    max(orders) as most_orders
from units
group by person;

-- A line is bought regularly where the gaps vary by half of their mean at most: n * sum of squares - (sum)^2 against
-- (sum)^2 is the square of deviation to mean, in whole numbers.
create temp table regular_lines as
with days as (
    select distinct order_products.person, order_products.product_line, order_products.day
    from order_products
    inner join order_sums using (person)
    where order_products.product_line is not null and order_sums.orders_count >= 3
),
gaps as (
    select person, product_line, day - lag(day) over (partition by person, product_line order by day) as gap
    from days
),
varied as (
    select person, count(gap) as gaps, sum(gap) as days, sum(gap * gap) as squares
    from gaps
    group by person, product_line
    having count(gap) >= 2
)
select person, count(*) as regular_lines
from varied
where 10000 * (gaps * squares - days * days) <= 2500 * days * days
group by person;

create temp table spend_powers as
with medians as (
    select netted.person, median((10000 * order_lines.unit_price)::bigint) as price
    from order_lines
    inner join netted using (order_id)
    left join products using (product_id)
    where netted.is_counted and order_lines.quantity > 0 and order_lines.unit_price > 0
        and not coalesce(products.is_gift_card, false)
    group by netted.person
)
select person, 1 + 5 * (rank() over (order by price) - 1) // count(*) over () as score from medians;

-- Wishes end when they are taken back or bought; what was looked at in a week is held against its like.
create temp table wishes as
with wished as (
    select
        person,
        product_id,
        max(occurred_at) filter (event_type = 'wishlist_add') as wished_at,
        max(occurred_at) filter (event_type = 'wishlist_remove') as unwished_at
    from attributed_events
    where event_type in ('wishlist_add', 'wishlist_remove') and product_id is not null and not is_bot
    group by person, product_id
),
latest as (select person, product_id, ordered_at from order_products where is_latest)
select
    person,
    wished.wished_at::date as day,
    coalesce(wished.unwished_at <= wished.wished_at, true) and coalesce(latest.ordered_at < wished.wished_at, true)
        as is_active
from wished
left join latest using (person, product_id)
where wished.wished_at is not null;

create temp table compared_products as
with looked_at as (
    select attributed_events.person, products.category, count(distinct product_id) as products
    from attributed_events
    inner join products using (product_id)
    where attributed_events.event_type in ('product_view', 'wishlist_add')
        and attributed_events.occurred_at >= day_end() - interval 7 days
        and not attributed_events.is_bot
        and products.category is not null
    group by attributed_events.person, products.category
)
select person, max(products) as products from looked_at group by person;
