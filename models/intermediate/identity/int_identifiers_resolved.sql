-- Grain: one row per identifier that belongs to one person.
-- Where people are kept apart, an identifier of several of them is nobody's, and a guest's is of its one account.
with judged as (

    select * from {{ ref('int_identifiers_judged') }}

),

members as (

    select * from {{ ref('int_members_named') }}

),

summed as (

    select
        judged.identifier,
        min(case when members.shop_customer_id is not null then members.customer_id end) as first_customer_id,
        max(case when members.shop_customer_id is not null then members.customer_id end) as last_customer_id,
        min(case when judged.member_key = judged.identifier then members.customer_id end) as guest_id
    from judged
    inner join members
        on judged.member_key = members.member_key
    where judged.verdict = 'links'
    group by judged.identifier

),

final as (

    select
        identifier,
        case
            when first_customer_id = last_customer_id then first_customer_id
            when first_customer_id is null then guest_id
        end as customer_id
    from summed
    where first_customer_id = last_customer_id or (first_customer_id is null and guest_id is not null)

)

select * from final
