-- Every column of `customer_profiles` by hand, in the manner of by_hand.sql: the files of this folder one after the
-- other, with the parts of by_hand.sql that they name. Not covered beyond what is said there, because the generated
-- shop has none: messages, consents, offers, loyalty, surveys, what people say of themselves, collections, tags and
-- replenishment days of products, purchase rules, values of carts, regions, a second currency. Columns of these are
-- written as null, `unknown` or `everyone`.

-- phase: load
-- by_hand.sql: landing

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
    lower(sales_channel) as sales_channel,
    shipping_country,
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

create temp table products as
select product_id, category, product_line, list_price::decimal(18, 2) as list_price, is_gift_card
from landed('products');

create temp table customers as
select
    customer_id,
    nullif(lower(trim(email)), '') as email,
    country,
    acquisition_channel,
    registered_at::timestamp as registered_at
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
    page_type,
    product_id,
    cart_id,
    order_id,
    quantity::decimal(18, 3) as quantity,
    lower(trim(device_type)) as device_type,
    lower(trim(channel)) as channel,
    country
from landed('events')
where occurred_at::timestamp < day_end();
