-- Grain: one row per person who got a message or acted on one.
with messages as (

    select * from {{ ref('int_messages_attributed') }}

),

received as (

    select
        *,
        channel = 'email' and {{ is_within_days('sent_date', var('email_unengaged_days')) }} as is_recent_email
    from messages
    where customer_id is not null and is_received

),

final as (

    select
        customer_id,
        {{ count_where("channel = 'email'") }} as emails_received_count,
        {{ count_where("is_recent_email") }} as recent_emails_received_count,
        {{ count_where("is_recent_email and opened_at is not null") }} as recent_emails_opened_count,
        {{ count_where("is_recent_email and clicked_at is not null") }} as recent_emails_clicked_count,
        min(sent_date) as first_sent_date,
        max(case when channel = 'email' then last_clicked_date end) as last_email_click_date,
        max(last_clicked_date) as last_click_date
    from received
    group by customer_id

)

select * from final
