-- Grain: one row per id that a person could have been known by before evidence merged it into another.
with links as (

    select * from {{ ref('int_members_linked') }}

),

devices as (

    select * from {{ ref('int_devices_recognized') }}

),

-- Two ids are one person from the moment at which both had been seen with the same identifier.
ids as (

    select
        links.member_id as customer_id,
        links.customer_id as merged_into,
        min(greatest(links.seen_at, other_links.seen_at)) as merged_at
    from links
    inner join links as other_links
        on
            links.identifier_key = other_links.identifier_key
            and links.customer_id = other_links.customer_id
            and links.member_id <> other_links.member_id
    where not links.is_naming
    group by links.member_id, links.customer_id

),

recognized_devices as (

    select
        device_customer_id as customer_id,
        customer_id as merged_into,
        recognized_at as merged_at
    from devices

),

aliases as (

    select * from ids
    union all
    select * from recognized_devices

),

final as (

    select
        customer_id,
        merged_into,
        {{ local_date('merged_at') }} as merged_date
    from aliases

)

select * from final
