-- Grain: one row per membership in the loyalty programme that began by the end of the as-of date.
-- Who left later had not left yet.
with loyalty_memberships as (

    select * from {{ source('raw', 'loyalty_memberships') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by customer_id, joined_at
            order by content_md5 desc
        ) as version_rank
    from loyalty_memberships

),

final as (

    select
        customer_id as shop_customer_id,
        tier,
        cast(joined_at as timestamp) as joined_at,
        {{ unless_future('cast(left_at as timestamp)') }} as left_at
    from latest
    where
        version_rank = 1
        and cast(joined_at as timestamp) < {{ as_of_end() }}

)

select * from final
