-- Grain: one row per message unsubscribed from or complained of after the as-of date.
-- What is published of a day is sent on a later one: who has said no by then is not written to.
with messages as (

    select * from {{ source('raw', 'messages') }}

),

final as (

    select distinct
        content_md5 as objection_key,
        customer_id as shop_customer_id,
        {{ normalised_email('email') }} as email,
        coalesce(channel, 'email') as channel
    from messages
    where
        message_event in ('unsubscribed', 'complained')
        and cast(occurred_at as timestamp) >= {{ as_of_end() }}

)

select * from final
