-- Grain: one row per use of an offer by the end of the as-of date.
with offer_redemptions as (

    select * from {{ source('raw', 'offer_redemptions') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by offer_id, customer_id, redeemed_at
            order by content_md5 desc
        ) as version_rank
    from offer_redemptions

),

final as (

    select
        offer_id,
        customer_id as shop_customer_id,
        order_id,
        product_id,
        cast(redeemed_at as timestamp) as redeemed_at
    from latest
    where
        version_rank = 1
        and cast(redeemed_at as timestamp) < {{ as_of_end() }}

)

select * from final
