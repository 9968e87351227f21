-- Grain: one row per account whose e-mail address is verified and no junk.
with customers as (

    select * from {{ ref('stg_shop__customers') }}

),

links as (

    select * from {{ ref('int_identifiers_linked') }}

),

final as (

    select
        links.identifier,
        links.member_key
    from customers
    inner join links
        on
            links.identifier = 'email:' || customers.email
            and links.member_key = 'customer:' || customers.shop_customer_id
    where customers.is_email_verified and not links.is_junk

)

select * from final
