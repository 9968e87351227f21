-- Grain: one row per change of a consent by the end of the as-of date.
with consents as (

    select * from {{ source('raw', 'consents') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by customer_id, email, channel, purpose, changed_at
            order by content_md5 desc
        ) as version_rank
    from consents

),

final as (

    select
        content_md5 as consent_key,
        customer_id as shop_customer_id,
        {{ normalised_email('email') }} as email,
        channel,
        lower(purpose) as purpose,
        status = 'granted' as is_granted,
        cast(changed_at as timestamp) as changed_at
    from latest
    where
        version_rank = 1
        and cast(changed_at as timestamp) < {{ as_of_end() }}

)

select * from final
