-- Grain: one row per identifier and id seen with it, where several ids are one person: why they are.
with links as (

    select * from {{ ref('int_members_linked') }}

),

final as (

    select
        identifier_key,
        member_id,
        customer_id,
        identifier_type,
        members_count,
        {{ local_date('seen_at') }} as seen_date
    from links

)

select * from final
