-- Grain: one row per shop customer id, with its group and whether an account of the group has a verified address.
with accounts as (

    select * from {{ ref('int_accounts_connected') }}

),

verified as (

    select * from {{ ref('int_addresses_verified') }}

),

verified_groups as (

    select distinct accounts.group_key
    from accounts
    inner join verified
        on accounts.member_key = verified.member_key

),

final as (

    select
        accounts.member_key,
        accounts.group_key,
        cast(count(accounts.member_key) over (partition by accounts.group_key) as bigint) as group_ids_count,
        verified_groups.group_key is not null as is_verified
    from accounts
    left join verified_groups
        on accounts.group_key = verified_groups.group_key

)

select * from final
