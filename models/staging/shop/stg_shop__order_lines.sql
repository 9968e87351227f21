-- Grain: one row per order line.
-- Lines have no time of their own: they are seen with their order.
with order_lines as (

    select * from {{ source('raw', 'order_lines') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by order_id, line_number
            order by content_md5 desc
        ) as version_rank
    from order_lines

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
