-- Grain: one row per e-mail address that belongs to one person.
-- Without a customer id the person is the address itself, under a keyed id.
with links as (

    select * from {{ ref('int_identifiers_linked') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

emails as (

    select
        substr(identifier, 7) as email,
        min(smallest_customer_id) as smallest_customer_id
    from links
    where identifier like 'email:%' and not is_junk
    group by identifier

),

final as (

    select
        emails.email,
        coalesce(
            connected.customer_id,
            {{ pseudonym("'email:' || emails.email", 'pseudonym_keys.pseudonym_key') }}
        ) as customer_id
    from emails
    left join connected
        on emails.smallest_customer_id = connected.shop_customer_id
    cross join pseudonym_keys

)

select * from final
