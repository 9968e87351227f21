-- Grain: one row per address or number that must not be reached over a channel: the stated ones and their owners' own.
with objections as (

    select
        customer_id,
        email,
        phone
    from intermediate.int_suppressions_resolved
    where channel is null or channel = $channel

)

select distinct
    email,
    phone
from objections
union
select distinct
    case when contacts.contact_type = 'email' then contacts.contact_value end as email,
    case when contacts.contact_type = 'phone' then contacts.contact_value end as phone
from intermediate.int_contacts_resolved as contacts
semi join objections
    on contacts.customer_id = objections.customer_id
