-- Grain: one row per fact table, source folder and kind of visit: how late, how often twice, how often by somebody known.
insert into quality.data_health
with latest as (

    select 'fct_orders' as table_name, 'order_date' as column_name, max(order_date) as latest_date from marts.fct_orders
    union all
    select 'fct_refunds', 'refund_date', max(refund_date) from marts.fct_refunds
    union all
    select 'fct_sessions', 'session_date', max(session_date) from marts.fct_sessions
    union all
    select 'fct_messages', 'sent_date', max(sent_date) from marts.fct_messages

),

people as (

    select
        customer_id,
        customer_kind in ('buyer', 'lead') as is_identified
    from marts.dim_customers

)

select
    'freshness' as topic,
    latest.table_name,
    latest.column_name,
    null as measured_count,
    null as whole_count,
    cast(generation.as_of_date - latest.latest_date as integer) as days_behind
from latest
cross join marts.dim_generation as generation
where latest.latest_date is not null
union all
select
    'duplicates',
    split_part(file, '/', 1),
    null,
    sum(rows_duplicate),
    sum(rows_read),
    null
from quality.load_ledger
group by split_part(file, '/', 1)
union all
select
    'identification',
    'fct_sessions',
    'customer_id',
    count(*) filter (where people.is_identified),
    count(*),
    null
from marts.fct_sessions as sessions
left join people
    on sessions.customer_id = people.customer_id
where not sessions.is_bot
union all
select
    'identification',
    'fct_orders',
    'customer_id',
    count(*) filter (where people.is_identified),
    count(*),
    null
from marts.fct_orders as orders
left join people
    on orders.customer_id = people.customer_id
