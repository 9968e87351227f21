-- Orders: their value, net of refunds, what they are to their person, and in which rhythm they come.

create temp table netted as
with line_sums as (
    select
        order_id,
        count(distinct product_id) as products,
        sum(quantity * unit_price)::decimal(18, 2) as amount,
        coalesce(sum(quantity * unit_price) filter (products.is_gift_card), 0)::decimal(18, 2) as gift_card_amount,
        coalesce(bool_or(10000 * unit_price < 9900 * order_lines.list_price), false) as is_discounted,
        bool_or(order_lines.list_price is not null) as has_list_price
    from order_lines
    left join products using (product_id)
    group by order_id
),
refund_sums as (
    select order_id, coalesce(sum(amount) filter (refunded_at < day_end()), 0)::decimal(18, 2) as amount
    from refunds
    group by order_id
),
valued as (
    select
        orders.*,
        nullif(line_sums.products, 0) as products,
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
    left join line_sums using (order_id)
)
select
    coalesce(
        named_orders.person, owned_devices.person, 'device:' || valued.anonymous_id, 'order:' || order_id
    ) as person,
    order_id,
    valued.ordered_at,
    valued.ordered_at::date as day,
    valued.sales_channel,
    valued.shipping_country,
    valued.products,
    valued.product_amount,
    (valued.product_amount + coalesce(valued.discount_amount, 0))::decimal(18, 2) as gross,
    least(
        coalesce(refund_sums.amount, if(valued.is_refunded, valued.product_amount, 0), 0),
        valued.product_amount - valued.gift_card_amount
    )::decimal(18, 2) as refunded,
    if(valued.is_valid, valued.product_amount - valued.gift_card_amount - refunded, 0)::decimal(18, 2) as net,
    valued.is_discount_known,
    valued.is_discounted,
    valued.is_valid and valued.product_amount > valued.gift_card_amount as is_purchase,
    net > 0 as is_counted
from valued
inner join named_orders using (order_id)
left join refund_sums using (order_id)
left join owned_devices on named_orders.anonymous_id = owned_devices.anonymous_id;

create temp table order_sums as
select
    person,
    count(*) as placed_orders,
    count(*) filter (is_counted) as orders_count,
    count(*) filter (is_purchase) as bought_orders,
    count(*) filter (is_purchase and refunded > 0) as refunded_orders,
    coalesce(sum(gross) filter (is_counted), 0)::decimal(18, 2) as gross_amount,
    coalesce(sum(refunded) filter (is_counted), 0)::decimal(18, 2) as refund_amount,
    coalesce(sum(net) filter (is_counted), 0)::decimal(18, 2) as net_revenue_amount,
    max(net) filter (is_counted) as largest_order,
    median(cents(net)) filter (is_counted) as median_cents,
    min(day) as first_placed_date,
    max(day) as last_placed_date,
    min(day) filter (is_counted) as first_order_date,
    (min(ordered_at, 2) filter (is_counted))[2]::date as second_order_date,
    max(day) filter (is_counted) as last_order_date,
    max(ordered_at) filter (is_purchase) as last_purchase_at,
    arg_max(shipping_country, (ordered_at, order_id)) filter (is_counted) as home_country,
    -- the year
    count(*) filter (is_counted and days_ago(day) < 365) as year_orders,
    count(*) filter (is_counted and days_ago(day) < 365 and is_discounted) as promotion_orders,
    coalesce(sum(net) filter (is_counted and days_ago(day) < 365), 0)::decimal(18, 2) as year_net,
    coalesce(sum(net) filter (is_counted and days_ago(day) < 365 and is_discounted), 0)::decimal(18, 2)
        as promotion_net,
    max(net) filter (is_counted and days_ago(day) < 365) as year_largest_order,
    sum(products) filter (is_counted and days_ago(day) < 365)::bigint as year_products,
    median(products) filter (is_counted and days_ago(day) < 365) as year_median_products,
    list_sort(list(distinct sales_channel) filter (is_counted and days_ago(day) < 365)) as channels,
    -- two years
    count(*) filter (is_counted and days_ago(day) < 730) as window_orders,
    count(*) filter (is_counted and days_ago(day) < 730 and is_discounted) as discounted_orders,
    cents(coalesce(sum(net) filter (is_counted and days_ago(day) < 730), 0)) as window_cents,
    cents(coalesce(sum(net) filter (is_counted and days_ago(day) < 730 and not is_discounted), 0))
        as full_price_cents,
    -- shorter windows
    count(*) filter (is_counted and days_ago(day) < 90) as quarter_orders,
    count(*) filter (is_counted and days_ago(day) < 180) as half_year_orders,
    coalesce(sum(net) filter (is_counted and days_ago(day) < 180), 0)::decimal(18, 2) as recent_spend,
    coalesce(sum(net) filter (is_counted and days_ago(day) between 180 and 359), 0)::decimal(18, 2)
        as previous_spend
from netted
group by person;

drop table orders;

-- The rhythm matters only to those with more than one purchase.
create temp table rhythms as
with purchase_days as (
    select distinct netted.person, netted.day
    from netted
    inner join order_sums using (person)
    where netted.is_counted and order_sums.orders_count > 1
),
gaps as (
    select person, day, day - lag(day) over (partition by person order by day) as gap
    from purchase_days
)
select
    person,
    count(*) as days,
    list_sort(list(gap) filter (gap is not null)) as sorted_gaps,
    (sorted_gaps[days // 2] + sorted_gaps[(days + 1) // 2])::bigint as double_median_gap,
    sorted_gaps[3 * days // 4] - sorted_gaps[(days + 2) // 4] as gap_spread,
    arg_max(gap, day) as last_gap,
    min(day) filter (gap is not null) as second_day,
    max(day) filter (gap >= 180) as reactivated_on,
    max(day) filter (gap is null or gap > 90) as active_since
from gaps
group by person;
