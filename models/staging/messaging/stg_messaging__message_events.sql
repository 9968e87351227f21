-- Grain: one row per thing that happened to a message by the end of the as-of date.
with messages as (

    select * from {{ source('raw', 'messages') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by message_id, message_event, occurred_at
            order by content_md5 desc
        ) as version_rank
    from messages

),

final as (

    select
        message_id,
        customer_id as shop_customer_id,
        campaign_id,
        {{ normalised_email('email') }} as email,
        coalesce(channel, 'email') as channel,
        message_event,
        -- Who does not tell machines from people gets the benefit of the doubt.
        coalesce(is_machine_open, false) as is_machine_open,
        {{ utc_timestamp('occurred_at') }} as occurred_at
    from latest
    where
        version_rank = 1
        and {{ utc_timestamp('occurred_at') }} < {{ as_of_end() }}

)

select * from final
