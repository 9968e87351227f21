-- Grain: one row per known customer and product looked at, wished for, put into a cart or bought in interest_days.
with events as (

    select * from {{ ref('int_product_events_rolled_up') }}

),

slot_sessions as (

    select * from {{ ref('int_stream_slots_sessionized') }}

),

sessions as (

    select * from {{ ref('int_sessions_seen') }}

),

attributed as (

    select * from {{ ref('int_sessions_attributed') }}

),

customers as (

    select * from {{ ref('int_customers_listed') }}

),

order_products as (

    select * from {{ ref('int_order_products_summed') }}

),

done as (

    select
        attributed.customer_id,
        events.product_id,
        events.views_count,
        events.cart_adds_count,
        0 as purchases_count,
        case when events.views_count > 0 or events.last_wished_at is not null then events.event_date end
            as looked_date
    from events
    inner join slot_sessions
        on
            events.stream_key = slot_sessions.stream_key
            and events.slot_number = slot_sessions.slot_number
            and events.event_date = slot_sessions.event_date
    inner join sessions
        on slot_sessions.session_key = sessions.session_key
    inner join attributed
        on slot_sessions.session_key = attributed.session_key
    where
        events.event_date <= {{ as_of_date() }}
        and {{ is_within_days('events.event_date', var('interest_days')) }}
        and not sessions.is_bot
    union all
    select
        customer_id,
        product_id,
        0 as views_count,
        0 as cart_adds_count,
        1 as purchases_count,
        cast(null as date) as looked_date
    from order_products
    where {{ is_within_days('order_date', var('interest_days')) }}

),

final as (

    select
        done.customer_id,
        done.product_id,
        {{ sum_int('done.views_count') }} as views_count,
        {{ sum_int('done.cart_adds_count') }} as cart_adds_count,
        {{ sum_int('done.purchases_count') }} as purchases_count,
        max(done.looked_date) as last_looked_date
    from done
    inner join customers
        on done.customer_id = customers.customer_id
    where customers.customer_kind <> 'anonymous'
    group by done.customer_id, done.product_id

)

select * from final
