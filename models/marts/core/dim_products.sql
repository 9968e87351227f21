-- Grain: one row per product, as known now.
with products as (

    select * from {{ ref('stg_shop__products') }}

),

final as (

    select
        product_id,
        product_name,
        category,
        product_line,
        collection,
        season,
        currency,
        cast(list_price as decimal(18, 4)) as list_price_amount,
        is_gift_card,
        launched_date
    from products

)

select * from final
