-- Grain: one row per offer and person who used it, with the first use.
with redemptions as (

    select * from {{ ref('stg_messaging__offer_redemptions') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

final as (

    select
        redemptions.offer_id,
        connected.customer_id,
        min(redemptions.redeemed_at) as redeemed_at
    from redemptions
    inner join connected
        on redemptions.shop_customer_id = connected.shop_customer_id
    group by redemptions.offer_id, connected.customer_id

)

select * from final
