-- Grain: one row per count of a product's stock by the end of the as-of date.
with inventory as (

    select * from {{ source('raw', 'inventory') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by product_id, counted_at
            order by content_md5 desc
        ) as version_rank
    from inventory

),

final as (

    select
        product_id,
        stock_quantity,
        cast(counted_at as timestamp) as counted_at
    from latest
    where
        version_rank = 1
        and cast(counted_at as timestamp) < {{ as_of_end() }}

)

select * from final
