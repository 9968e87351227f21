-- Grain: one row per identifier and member seen with it.
-- Junk links nobody: what shops write for nobody, and what was seen with more members than one person has.
with seen as (

    select * from {{ ref('int_identifiers_seen') }}

),

-- The words are read as the shop's own values are; an address that ends in @ stands for every domain.
junk as (

    select distinct
        case identifier_type
            when 'email' then 'email:' || {{ normalised_email("identifier") }}
            when 'phone' then 'phone:' || {{ normalised_phone("identifier") }}
            when 'loyalty_id' then 'loyalty_id:' || identifier
            else 'alias:' || identifier
        end as junk_identifier
    from {{ ref('junk_identifiers') }}

),

marked as (

    select
        seen.identifier,
        seen.member_key,
        coalesce(junk.junk_identifier, placeholders.junk_identifier) is not null as is_blocked,
        -- An alias is no customer beside those whose alias it is.
        {{ is_customer_key('seen.member_key') }}
        and seen.identifier <> 'alias:' || {{ value_of_key('seen.member_key', 'customer') }} as is_customer,
        seen.identifier like 'phone:%' and seen.member_key like 'email:%' as is_guest,
        seen.seen_at
    from seen
    left join junk
        on lower(seen.identifier) = junk.junk_identifier
    left join junk as placeholders
        on split_part(seen.identifier, '@', 1) || '@' = placeholders.junk_identifier

),

counted as (

    select
        *,
        count(case when is_customer then 1 end) over (partition by identifier) as customer_ids_count,
        count(case when is_guest then 1 end) over (partition by identifier) as guests_count,
        case split_part(identifier, ':', 1)
            when 'email' then {{ var('email_max_customers') }}
            when 'phone' then {{ var('phone_max_customers') }}
            when 'loyalty_id' then {{ var('loyalty_id_max_customers') }}
            else {{ var('alias_max_customers') }}
        end as max_customers_count
    from marked

),

final as (

    select
        identifier,
        member_key,
        cast(customer_ids_count as bigint) as customer_ids_count,
        is_blocked,
        is_blocked or greatest(customer_ids_count, guests_count) > max_customers_count as is_junk,
        seen_at
    from counted

)

select * from final
