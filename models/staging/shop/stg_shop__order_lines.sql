-- Grain: one row per order line.
-- Lines have no time of their own: they are seen with their order. Where they say of which version of the order they
-- are, the latest version has all of them: a line that only older versions have is gone.
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

latest as (

    select
        *,
        row_number() over (
            partition by order_id, line_number
            order by content_md5 desc
        ) as version_rank
    from standing

),

final as (

    select
        order_id,
        product_id,
        line_number,
        quantity,
        unit_price,
        list_price
    from latest
    where version_rank = 1

)

select * from final
