-- Grain: one row per segment that had members on the day. People carry the ids of today, as their orders do.
with aliases as (

    select customer_id, min(merged_into) as merged_into
    from ({aliases})
    group by customer_id

),

base as (

    select distinct coalesce(aliases.merged_into, customers.customer_id) as customer_id
    from {customers} as customers
    left join aliases
        on customers.customer_id = aliases.customer_id
    where customers.customer_kind <> 'anonymous'

),

members as (

    select distinct
        memberships.segment,
        coalesce(aliases.merged_into, memberships.customer_id) as customer_id
    from {memberships} as memberships
    left join aliases
        on memberships.customer_id = aliases.customer_id

),

buyers as (

    select customer_id, sum(net_revenue_amount) as net_revenue_amount
    from marts.fct_orders
    where is_counted and order_date > $day and order_date <= $until
    group by customer_id

),

base_counted as (

    select
        count(*) as customers_count,
        count(buyers.customer_id) as buyers_count,
        coalesce(sum(buyers.net_revenue_amount), 0) as net_revenue_amount
    from base
    left join buyers
        on base.customer_id = buyers.customer_id

),

counted as (

    select
        members.segment,
        count(*) as members_count,
        count(buyers.customer_id) as buyers_count,
        coalesce(sum(buyers.net_revenue_amount), 0) as net_revenue_amount
    from members
    left join buyers
        on members.customer_id = buyers.customer_id
    group by members.segment

),

shares as (

    select
        counted.*,
        base_counted.customers_count as base_customers_count,
        base_counted.buyers_count as base_buyers_count,
        base_counted.net_revenue_amount as base_net_revenue_amount,
        counted.buyers_count / counted.members_count as share,
        base_counted.buyers_count / nullif(base_counted.customers_count, 0) as base_share,
        $z * $z / counted.members_count as z_squared
    from counted
    cross join base_counted

),

-- Wilson's interval: it stays between 0 and 1, and is honest where there are few members or no buyers.
intervals as (

    select
        *,
        (share + z_squared / 2) / (1 + z_squared) as middle,
        $z * sqrt(share * (1 - share) / members_count + z_squared / (4 * members_count)) / (1 + z_squared) as reach
    from shares

)

select
    segment,
    members_count,
    buyers_count,
    base_customers_count,
    base_buyers_count,
    net_revenue_amount,
    base_net_revenue_amount,
    share as purchase_share,
    greatest(middle - reach, 0) as low_purchase_share,
    least(middle + reach, 1) as high_purchase_share,
    base_share as base_purchase_share,
    share / nullif(base_share, 0) as lift,
    (cast(net_revenue_amount as double) / members_count)
    / nullif(cast(base_net_revenue_amount as double) / nullif(base_customers_count, 0), 0) as revenue_lift,
    coalesce(base_share < middle - reach or base_share > middle + reach, false) as is_significant,
    $day as as_of_date,
    $until as outcome_until_date
from intervals
order by segment
