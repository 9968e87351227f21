-- Every order placed by the as-of date, its value as paid and the rate of its day, straight from raw: no model is read.
with latest_orders as (

    select
        *,
        (ordered_at at time zone $zone)::date as order_date
    from raw.orders
    qualify row_number() over (partition by order_id order by updated_at desc nulls last, content_md5 desc) = 1

),

latest_lines as (

    select
        order_id,
        line_number,
        max_by(quantity * unit_price, content_md5) as line_amount
    from raw.order_lines
    left join (
        select order_id, max(order_updated_at) as newest_at
        from raw.order_lines
        where order_updated_at is not null
        group by order_id
    ) as newest using (order_id)
    where
        (newest_at is null or order_updated_at = newest_at)
        -- Lines count only where the order itself states no total.
        and order_id in (select order_id from raw.orders where total_amount is null)
    group by order_id, line_number

),

latest_rates as (

    select *
    from raw.fx_rates
    qualify row_number() over (partition by currency, rate_date order by content_md5 desc) = 1

),

lines as (

    select
        order_id,
        sum(line_amount) as lines_amount
    from latest_lines
    group by order_id

)

select
    orders.order_id,
    greatest(0, coalesce(orders.total_amount, lines.lines_amount - coalesce(orders.discount_amount, 0), 0))
        as paid_amount,
    cast(
        case
            when coalesce(orders.currency, $currency) = $currency then 1
            when rates.rate_date >= orders.order_date - $lookback then rates.rate
        end as decimal(18, 8)
    ) as rate
from latest_orders as orders
left join lines on orders.order_id = lines.order_id
asof left join latest_rates as rates
    on orders.currency = rates.currency and orders.order_date >= rates.rate_date
where
    not coalesce(orders.is_test, false)
    and orders.ordered_at < (cast($as_of as date) + 1)::timestamp at time zone $zone
