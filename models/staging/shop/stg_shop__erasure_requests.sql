-- Grain: one row per request to be forgotten that landed and is not done, whenever it was made.
with requests as (

    select * from {{ source('raw', 'erasure_requests') }}

),

final as (

    select distinct
        content_md5 as request_key,
        customer_id as shop_customer_id,
        {{ normalised_email('email') }} as email
    from requests

)

select * from final
