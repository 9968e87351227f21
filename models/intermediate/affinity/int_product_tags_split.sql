-- Grain: one row per product and tag of it, in lower case.
with products as (

    select * from {{ ref('stg_shop__products') }}

),

split as (

    select
        product_id,
        {{ each_part('lower(tags)', "'|'") }} as tag
    from products
    where tags is not null

),

final as (

    select
        product_id,
        trim(tag) as tag
    from split
    where trim(tag) <> ''
    group by product_id, trim(tag)

)

select * from final
