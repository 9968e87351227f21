-- Value of everything that was ordered by the as-of date, straight from raw: no model of the build is read.
with latest_orders as (

    select *
    from raw.orders
    qualify row_number() over (partition by order_id order by updated_at desc nulls last, content_md5 desc) = 1

),

latest_lines as (

    select *
    from raw.order_lines
    qualify row_number() over (partition by order_id, line_number order by content_md5 desc) = 1

),

lines as (

    select
        order_id,
        sum(quantity * unit_price) as lines_amount
    from latest_lines
    group by order_id

),

valued as (

    select
        cast(
            greatest(0, coalesce(
                cast(orders.total_amount as decimal(18, 2)),
                cast(lines.lines_amount as decimal(18, 2)) - coalesce(cast(orders.discount_amount as decimal(18, 2)), 0),
                0
            )) as decimal(18, 2)
        ) as product_amount
    from latest_orders as orders
    left join lines on orders.order_id = lines.order_id
    where
        not coalesce(orders.is_test, false)
        and orders.ordered_at < (cast($as_of as date) + 1)::timestamp at time zone $zone

)

select
    count(*) as orders_count,
    cast(coalesce(sum(product_amount), 0) as decimal(18, 2)) as product_amount
from valued
