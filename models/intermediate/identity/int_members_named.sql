-- Grain: one row per shop customer id and per contact value that guests gave, with the ids it is published under.
-- A contact value, and a customer id that is an e-mail address or phone number, is published as a keyed pseudonym.
with members as (

    select * from {{ ref('int_members_resolved') }}

),

identifiers as (

    select * from {{ ref('int_identifiers_seen') }}

),

pseudonym_keys as (

    select * from {{ ref('stg_shop__pseudonym_keys') }}

),

valued as (

    select
        *,
        case when {{ is_customer_key('member_key') }} then {{ value_of_key('member_key', 'customer') }} end
            as shop_customer_id
    from members

),

phones as (

    select distinct identifier as phone_key
    from identifiers
    where identifier like 'phone:%'

),

named as (

    select
        valued.member_key,
        valued.person_key,
        valued.shop_customer_id,
        case
            when
                valued.shop_customer_id is null
                or {{ looks_like_email('valued.shop_customer_id') }}
                or {{ looks_like_phone('valued.shop_customer_id') }}
                or phones.phone_key is not null
                then {{ pseudonym('valued.member_key', 'pseudonym_keys.pseudonym_key') }}
            else valued.shop_customer_id
        end as member_id
    from valued
    left join phones
        on 'phone:' || {{ normalised_phone('valued.shop_customer_id') }} = phones.phone_key
    cross join pseudonym_keys

),

final as (

    select
        named.member_key,
        named.person_key,
        named.shop_customer_id,
        named.member_id,
        people.member_id as customer_id,
        named.member_key = named.person_key as is_naming
    from named
    inner join named as people
        on named.person_key = people.member_key

)

select * from final
