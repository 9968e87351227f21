-- Grain: one row: what customers of this shop are held against, made by all of them and the same for all.
with behaviors as (

    select * from {{ ref('fct_customer_behaviors') }}

),

final as (

    select
        {{ count_where('mean_net_revenue_amount is not null') }} as bought_customers_count,
        max(mean_net_revenue_amount) as mean_net_revenue_amount,
        max(median_net_revenue_amount) as median_net_revenue_amount,
        {{ count_where('order_value_amount is not null') }} as buying_window_customers_count,
        max(large_order_cut_amount) as large_order_cut_amount,
        max(many_orders_cut_count) as many_orders_cut_count,
        max(low_order_value_cut_amount) as low_order_value_cut_amount,
        max(median_view_to_buy_bp) as median_view_to_buy_bp,
        max(median_second_order_gap_days) as median_second_order_gap_days,
        {{ count_where('quarter_sessions_count > 0') }} as quarter_visitors_count,
        max(long_visit_cut_seconds) as long_visit_cut_seconds,
        max(many_views_cut_count) as many_views_cut_count,
        max(few_orders_cut_bp) as few_orders_cut_bp,
        {{ as_of_date() }} as as_of_date
    from behaviors

)

select * from final
