-- Grain: one row per identifier and member seen with it, with what it is worth as evidence.
-- Accounts with different verified addresses are never one person: what was seen with both links neither, except that
-- a verified address is of those who verified it.
with links as (

    select * from {{ ref('int_identifiers_linked') }}

),

accounts as (

    select * from {{ ref('int_accounts_grouped') }}

),

verified as (

    select * from {{ ref('int_addresses_verified') }}

),

junk as (

    select distinct identifier as junk_identifier
    from links
    where is_junk

),

owners as (

    select
        verified.identifier as verified_identifier,
        min(accounts.group_key) as owner_key
    from verified
    inner join accounts
        on verified.member_key = accounts.member_key
    group by verified.identifier

),

grouped as (

    select
        links.*,
        coalesce(accounts.group_key, links.member_key) as node_key,
        case when accounts.is_verified then accounts.group_key end as verified_key,
        owners.owner_key
    from links
    left join accounts
        on links.member_key = accounts.member_key
    left join owners
        on links.identifier = owners.verified_identifier
    left join junk
        on links.member_key = junk.junk_identifier
    -- A guest's placeholder address says nothing of the phone number beside it.
    where links.identifier = links.member_key or junk.junk_identifier is null

),

disputed as (

    select identifier
    from grouped
    where verified_key is not null
    group by identifier
    having min(verified_key) <> max(verified_key)

),

final as (

    select
        identifier,
        member_key,
        node_key,
        case
            when is_blocked then 'placeholder'
            when is_junk then 'too_many_ids'
            when
                identifier in (select disputed.identifier from disputed)
                and not coalesce(owner_key = coalesce(verified_key, owner_key), false)
                then 'disputed'
            else 'links'
        end as verdict,
        customer_ids_count,
        seen_at
    from grouped

)

select * from final
