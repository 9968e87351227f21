-- Grain: one row per product, as known now.
with products as (

    select * from {{ source('raw', 'products') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by product_id
            order by content_md5 desc
        ) as version_rank
    from products

),

final as (

    select
        product_id,
        name as product_name,
        category,
        product_line,
        collection,
        {{ normalised_words('season') }} as season,
        currency,
        tags,
        list_price,
        replenishment_days,
        coalesce(is_gift_card, false) as is_gift_card,
        {{ local_date('cast(launched_at as timestamp)') }} as launched_date
    from latest
    where version_rank = 1

)

select * from final
