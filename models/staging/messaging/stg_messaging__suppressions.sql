-- Grain: one row per entry of the suppression list that stands, whenever it was made.
-- Timeless on purpose: who must not be contacted today is left out of what is sent today.
with suppressions as (

    select * from {{ source('raw', 'suppressions') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by customer_id, email, phone, channel
            order by changed_at desc nulls last, coalesce(is_lifted, false) asc, content_md5 asc
        ) as version_rank
    from suppressions

),

final as (

    select
        content_md5 as suppression_key,
        customer_id as shop_customer_id,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        channel
    from latest
    where version_rank = 1 and not coalesce(is_lifted, false)

)

select * from final
