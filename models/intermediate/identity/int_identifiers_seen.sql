-- Grain: one row per identifier and member seen with it: a shop customer id, or a contact value given without one.
-- A contact value that a guest gave is a member itself; the guest's address also is one of the guest's phone number.
with evidence as (

    select * from {{ ref('int_identity_evidence_unioned') }}

),

contacts as (

    select
        'customer:' || shop_customer_id as customer_key,
        'email:' || coalesce(
            email,
            case when {{ looks_like_email('shop_customer_id') }} then {{ normalised_email('shop_customer_id') }} end
        ) as email_key,
        'phone:' || coalesce(
            phone,
            case when {{ looks_like_phone('shop_customer_id') }} then {{ normalised_phone('shop_customer_id') }} end
        ) as phone_key,
        'loyalty_id:' || loyalty_id as loyalty_key,
        'alias:' || alias_id as alias_key,
        'customer:' || alias_id as alias_customer_key,
        seen_at
    from evidence

),

pairs as (

    select
        email_key as identifier,
        coalesce(customer_key, email_key) as member_key,
        seen_at
    from contacts
    union all
    select
        phone_key as identifier,
        coalesce(customer_key, email_key, phone_key) as member_key,
        seen_at
    from contacts
    union all
    select
        phone_key as identifier,
        phone_key as member_key,
        seen_at
    from contacts
    where customer_key is null
    union all
    select
        loyalty_key as identifier,
        customer_key as member_key,
        seen_at
    from contacts
    union all
    select
        alias_key as identifier,
        customer_key as member_key,
        seen_at
    from contacts
    union all
    select
        alias_key as identifier,
        alias_customer_key as member_key,
        seen_at
    from contacts
    where customer_key is not null

),

final as (

    select
        identifier,
        member_key,
        min(seen_at) as seen_at
    from pairs
    where identifier is not null and member_key is not null
    group by identifier, member_key

)

select * from final
