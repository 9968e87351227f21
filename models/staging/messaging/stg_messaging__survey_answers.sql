-- Grain: one row per answer of a customer to a question given by the end of the as-of date.
with survey_answers as (

    select * from {{ source('raw', 'survey_answers') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by customer_id, question, answered_at
            order by content_md5 desc
        ) as version_rank
    from survey_answers

),

final as (

    select
        customer_id as shop_customer_id,
        question,
        answer,
        cast(answered_at as timestamp) as answered_at
    from latest
    where
        version_rank = 1
        and cast(answered_at as timestamp) < {{ as_of_end() }}

)

select * from final
