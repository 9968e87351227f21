-- Grain: one row per withdrawal of a consent after the as-of date.
-- What is published of a day is sent on a later one: who has said no by then is not written to.
with consents as (

    select * from {{ source('raw', 'consents') }}

),

final as (

    select distinct
        content_md5 as consent_key,
        customer_id as shop_customer_id,
        {{ normalised_email('email') }} as email,
        channel
    from consents
    where status = 'withdrawn' and cast(changed_at as timestamp) >= {{ as_of_end() }}

)

select * from final
