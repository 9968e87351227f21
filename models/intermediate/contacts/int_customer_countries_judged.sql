-- Grain: one row per person with a country, of an account or of where the latest order went.
-- Where one of them asks for a consent to ads, or is no country that anybody knows, the consent is asked for.
with customers as (

    select * from {{ ref('stg_shop__customers') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

homes as (

    select * from {{ ref('int_customer_homes_ranked') }}

),

words as (

    select * from {{ ref('country_words') }}

),

places as (

    select
        connected.customer_id,
        customers.country
    from customers
    inner join connected
        on customers.shop_customer_id = connected.shop_customer_id
    union all
    select
        customer_id,
        shipping_country as country
    from homes

),

final as (

    select
        places.customer_id,
        bool_or(coalesce(words.is_ads_consent_required, true)) as is_ads_consent_required
    from places
    left join words
        on lower(trim(places.country)) = words.country_word
    where nullif(trim(places.country), '') is not null
    group by places.customer_id

)

select * from final
