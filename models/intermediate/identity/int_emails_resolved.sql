-- Grain: one row per e-mail address that belongs to one person.
-- Without a customer id the person is the address itself, under a keyed id.
with evidence as (

    select * from {{ ref('int_identity_evidence_unioned') }}

),

links as (

    select * from {{ ref('int_identifiers_linked') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

addresses as (

    select distinct email
    from evidence
    where email is not null

),

linked as (

    select
        identifier,
        bool_or(is_junk) as is_junk,
        min(smallest_customer_id) as smallest_customer_id
    from links
    group by identifier

),

emails as (

    select
        addresses.email,
        linked.smallest_customer_id
    from addresses
    left join linked
        on linked.identifier = 'email:' || addresses.email
    where not coalesce(linked.is_junk, false)

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
