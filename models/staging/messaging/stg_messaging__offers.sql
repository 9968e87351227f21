-- Grain: one row per offer, as known now: what is planned for later is known beforehand.
with offers as (

    select * from {{ source('raw', 'offers') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by offer_id
            order by content_md5 desc
        ) as version_rank
    from offers

),

final as (

    select
        offer_id,
        name as offer_name,
        kind as offer_kind,
        coupon_code,
        audience_segment,
        cast(starts_at as timestamp) as starts_at,
        cast(ends_at as timestamp) as ends_at
    from latest
    where version_rank = 1

)

select * from final
