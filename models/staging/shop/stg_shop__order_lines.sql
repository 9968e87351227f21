{{ config(materialized='table') }}
-- Grain: one row per order line. A table, because it is read often.
-- Lines have no time of their own: they are seen with their order. Where they say of which version of the order they
-- are, the latest version has all of them: a line that only older versions have is gone.
-- Few lines have several versions: to look these up costs less than to rank those of every line.
with order_lines as (

    select * from {{ source('raw', 'order_lines') }}

),

newest as (

    select
        order_id,
        max(order_updated_at) as order_updated_at
    from order_lines
    where order_updated_at is not null
    group by order_id

),

standing as (

    select order_lines.*
    from order_lines
    left join newest
        on order_lines.order_id = newest.order_id
    where newest.order_id is null or order_lines.order_updated_at = newest.order_updated_at

),

repeated as (

    select
        order_id,
        line_number
    from order_lines
    group by order_id, line_number
    having count(*) > 1

),

latest as (

    select
        standing.order_id,
        standing.line_number,
        max(standing.content_md5) as content_md5
    from standing
    inner join repeated
        on
            standing.order_id = repeated.order_id
            and standing.line_number = repeated.line_number
    group by standing.order_id, standing.line_number

),

final as (

    select
        standing.order_id,
        standing.product_id,
        standing.line_number,
        standing.quantity,
        standing.unit_price,
        standing.list_price
    from standing
    left join latest
        on
            standing.order_id = latest.order_id
            and standing.line_number = latest.line_number
    where latest.order_id is null or standing.content_md5 = latest.content_md5

)

select * from final
