-- Grain: one row per dated fact of a person: from when to when it happened, and what it was worth.
-- What the shop sends or offers is no deed of the person; clicks and uses are among the activity of the profile.
select
    customer_id,
    order_date as first_date,
    greatest(order_date, last_changed_date) as last_date,
    gross_amount - discount_amount as amount,
    true as is_deed
from marts.fct_orders
union all
select
    customer_id,
    refund_date as first_date,
    refund_date as last_date,
    refund_amount as amount,
    true as is_deed
from marts.fct_refunds
union all
select
    customer_id,
    session_date as first_date,
    greatest(
        session_date, cast(timezone(generation.shop_time_zone, timezone('UTC', ended_at)) as date)
    ) as last_date,
    0 as amount,
    true as is_deed
from marts.fct_sessions
cross join marts.dim_generation as generation
union all
select
    customer_id,
    sent_date as first_date,
    sent_date as last_date,
    0 as amount,
    false as is_deed
from marts.fct_messages
union all
select
    customer_id,
    exposed_date as first_date,
    exposed_date as last_date,
    0 as amount,
    false as is_deed
from marts.fct_offer_exposures
