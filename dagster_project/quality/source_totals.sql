-- Number and value of these orders.
select
    count(*) as orders_count,
    cast(coalesce(sum(cast(paid_amount * rate as decimal(18, 2))), 0) as decimal(18, 2)) as product_amount
from source_orders
