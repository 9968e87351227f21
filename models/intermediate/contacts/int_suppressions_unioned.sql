-- Grain: one row per word against contacting somebody: a suppression, a withdrawal since, a request to be forgotten.
-- No channel means every channel.
with suppressions as (

    select * from {{ ref('stg_messaging__suppressions') }}

),

withdrawals as (

    select * from {{ ref('stg_messaging__later_withdrawals') }}

),

objections as (

    select * from {{ ref('stg_messaging__later_objections') }}

),

requests as (

    select * from {{ ref('stg_shop__erasure_requests') }}

),

final as (

    select
        'suppressed:' || suppression_key as suppression_key,
        shop_customer_id,
        email,
        phone,
        channel,
        'suppressed' as reason
    from suppressions
    union all
    select
        'withdrawal:' || consent_key as suppression_key,
        shop_customer_id,
        email,
        null as phone,
        channel,
        'withdrawn_since' as reason
    from withdrawals
    union all
    select
        'objection:' || objection_key as suppression_key,
        shop_customer_id,
        email,
        null as phone,
        channel,
        'withdrawn_since' as reason
    from objections
    union all
    select
        'request:' || request_key as suppression_key,
        shop_customer_id,
        email,
        null as phone,
        null as channel,
        'erasure_requested' as reason
    from requests

)

select * from final
