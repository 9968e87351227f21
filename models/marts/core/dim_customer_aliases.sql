-- Grain: one row per id that a person could have been known by before evidence merged it into another.
with links as (

    select * from {{ ref('int_identifiers_linked') }}

),

connected as (

    select * from {{ ref('int_customer_ids_connected') }}

),

emails as (

    select * from {{ ref('int_emails_resolved') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

-- Two ids are one person from the day on which both had been seen with the same identifier.
shared_links as (

    select
        links.shop_customer_id,
        min(greatest(links.seen_at, other_links.seen_at)) as merged_at
    from links
    inner join links as other_links
        on
            links.identifier = other_links.identifier
            and links.shop_customer_id <> other_links.shop_customer_id
    where not links.is_junk
    group by links.shop_customer_id

),

customer_ids as (

    select
        connected.shop_customer_id as customer_id,
        connected.customer_id as merged_into,
        shared_links.merged_at
    from connected
    left join shared_links
        on connected.shop_customer_id = shared_links.shop_customer_id
    where connected.shop_customer_id <> connected.customer_id

),

addresses as (

    select
        {{ pseudonym("'email:' || emails.email", 'pseudonym_keys.pseudonym_key') }} as customer_id,
        emails.customer_id as merged_into,
        min(links.seen_at) as merged_at
    from emails
    inner join links
        on links.identifier = 'email:' || emails.email
    cross join pseudonym_keys
    group by emails.email, emails.customer_id, pseudonym_keys.pseudonym_key

),

aliases as (

    select * from customer_ids
    union all
    select * from addresses

),

final as (

    select
        customer_id,
        merged_into,
        {{ local_date('merged_at') }} as merged_date
    from aliases

)

select * from final
