-- Grain: one row per way of grouping customers or their orders, and group: who brought the revenue of the last year.
-- Counted orders alone. One is in the loyalty programme whose person was in it when it was placed, not now.
with orders as (

    select *
    from {{ ref('fct_orders') }}
    where is_counted and {{ is_within_days('order_date', var('buying_window_days')) }}

),

memberships as (

    select * from {{ ref('int_memberships_connected') }}

),

behaviors as (

    select * from {{ ref('fct_customer_behaviors') }}

),

scores as (

    select * from {{ ref('fct_customer_rfm') }}

),

of_members as (

    select distinct orders.order_id
    from orders
    inner join memberships
        on
            orders.customer_id = memberships.customer_id
            and orders.ordered_at >= memberships.joined_at
            and (memberships.left_at is null or orders.ordered_at < memberships.left_at)

),

labelled as (

    select
        orders.customer_id,
        orders.net_revenue_amount,
        case
            when of_members.order_id is not null then 'member'
            when (select count(*) from memberships) > 0 then 'non_member'
        end as loyalty_at_order,
        case when orders.customer_order_number = 1 then 'first_order' else 'later_order' end as order_turn,
        coalesce(scores.rfm_segment, 'unscored') as rfm_segment,
        behaviors.buyer_frequency,
        behaviors.price_habit,
        behaviors.order_frequency || '_' || cast(behaviors.order_value_score as string) as frequency_and_order_value
    from orders
    left join of_members
        on orders.order_id = of_members.order_id
    inner join behaviors
        on orders.customer_id = behaviors.customer_id
    left join scores
        on orders.customer_id = scores.customer_id

),

summed as (

    {% for grouping in [
        'rfm_segment', 'loyalty_at_order', 'order_turn', 'buyer_frequency', 'price_habit', 'frequency_and_order_value'
    ] %}
        select
            '{{ grouping }}' as grouped_by,
            {{ grouping }} as group_name,
            cast(count(distinct customer_id) as bigint) as customers_count,
            cast(count(*) as bigint) as orders_count,
            {{ sum_money('net_revenue_amount') }} as net_revenue_amount
        from labelled
        where {{ grouping }} is not null
        group by {{ grouping }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        grouped_by,
        group_name,
        customers_count,
        orders_count,
        net_revenue_amount,
        {{ ratio_bp(
            cents('net_revenue_amount'), sum_int_over(cents('net_revenue_amount'), 'partition by grouped_by')
        ) }} as revenue_share_bp
    from summed

)

select * from final
