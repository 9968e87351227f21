-- Grain: one row per person, known or not, who came in the quarter: held against everybody else who did.
with sessions as (

    select * from {{ ref('int_customer_sessions_summed') }}

),

orders as (

    select * from {{ ref('int_customer_orders_summed') }}

),

measured as (

    select
        sessions.customer_id,
        sessions.quarter_sessions_count,
        sessions.quarter_visit_seconds,
        sessions.quarter_product_views_count,
        coalesce(orders.quarter_orders_count, 0) as quarter_orders_count,
        {{ ratio_bp('coalesce(orders.quarter_orders_count, 0)', 'sessions.quarter_sessions_count') }}
            as orders_per_session_bp
    from sessions
    left join orders
        on sessions.customer_id = orders.customer_id
    where sessions.quarter_sessions_count > 0

),

ranked as (

    select
        *,
        {{ ranked('quarter_visit_seconds') }},
        {{ ranked('quarter_product_views_count') }},
        {{ ranked('orders_per_session_bp') }}
    from measured

),

compared as (

    select
        *,
        {{ percentile_cut('quarter_visit_seconds', var('indecisive_shopper_percentile_bp')) }}
            as long_visit_cut_seconds,
        {{ percentile_cut('quarter_product_views_count', var('indecisive_shopper_percentile_bp')) }}
            as many_views_cut_count,
        {{ percentile_cut('orders_per_session_bp', var('indecisive_shopper_orders_percentile_bp')) }}
            as few_orders_cut_bp
    from ranked

),

final as (

    select
        customer_id,
        quarter_orders_count,
        orders_per_session_bp,
        long_visit_cut_seconds,
        many_views_cut_count,
        few_orders_cut_bp,
        quarter_sessions_count >= {{ var('indecisive_shopper_sessions_count') }}
        and quarter_orders_count <= {{ var('indecisive_shopper_max_orders_count') }}
        and orders_per_session_bp <= few_orders_cut_bp
        and (
            quarter_visit_seconds >= greatest(long_visit_cut_seconds, 1)
            or quarter_product_views_count >= greatest(many_views_cut_count, 1)
        ) as is_indecisive
    from compared

)

select * from final
