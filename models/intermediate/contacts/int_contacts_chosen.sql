-- Grain: one row per person with an e-mail address or a phone number: the one of each to use.
-- What has the shape of an address comes first, then what was verified, then what was seen last.
with contacts as (

    select * from {{ ref('int_contacts_resolved') }}

),

ranked as (

    select
        customer_id,
        contact_type,
        contact_value,
        row_number() over (
            partition by customer_id, contact_type
            order by
                case when contact_value like '+%' or contact_value like '%_@_%._%' then 0 else 1 end asc,
                case when is_verified then 0 else 1 end asc,
                last_seen_at desc nulls last,
                contact_key asc
        ) as contact_rank
    from contacts

),

final as (

    select
        customer_id,
        max(case when contact_type = 'email' then contact_value end) as email,
        max(case when contact_type = 'phone' then contact_value end) as phone
    from ranked
    where contact_rank = 1
    group by customer_id

)

select * from final
