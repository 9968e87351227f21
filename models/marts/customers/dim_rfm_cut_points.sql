-- Grain: one row per score of the map's scale.
-- Compared with each other, buyers make the cut points: the worst value that still got the score or a better one.
with maps as (

    select * from {{ ref('rfm_maps') }}

),

customers as (

    select * from {{ ref('fct_customer_rfm') }}

),

scale as (

    select distinct recency_score as rfm_score
    from maps
    where rfm_map = '{{ var("rfm_map") }}'

),

buyers as (

    select
        recency_score,
        frequency_score,
        monetary_score,
        max(days_since_last_order) as most_days,
        min(orders_count) as fewest_orders,
        min(net_revenue_amount) as least_amount,
        max(calibrated_customers_count) as calibrated_customers_count,
        count(*) as customers_count
    from customers
    group by recency_score, frequency_score, monetary_score

),

seen as (

    select
        scale.rfm_score,
        max(case when buyers.recency_score >= scale.rfm_score then buyers.most_days end) as seen_days,
        min(case when buyers.frequency_score >= scale.rfm_score then buyers.fewest_orders end) as seen_orders,
        min(case when buyers.monetary_score >= scale.rfm_score then buyers.least_amount end) as seen_amount,
        max(buyers.calibrated_customers_count) as calibrated_customers_count,
        {{ sum_int('case when buyers.recency_score = scale.rfm_score then buyers.customers_count end') }}
            as recency_customers_count,
        {{ sum_int('case when buyers.frequency_score = scale.rfm_score then buyers.customers_count end') }}
            as frequency_customers_count,
        {{ sum_int('case when buyers.monetary_score = scale.rfm_score then buyers.customers_count end') }}
            as monetary_customers_count
    from scale
    left join buyers
        on buyers.customers_count > 0
    group by scale.rfm_score

),

final as (

    select
        '{{ var("rfm_method") }}' as rfm_method,
        '{{ var("rfm_map") }}' as rfm_map,
        {{ rfm_anchor_version() }} as rfm_anchor,
        rfm_score,
        cast({{ rfm_cut_point('seen_days', rfm_cuts('recency_days')) }} as bigint) as recency_max_days,
        cast({{ rfm_cut_point('seen_orders', rfm_cuts('frequency_orders')) }} as bigint) as frequency_min_count,
        {{ money(rfm_cut_point('seen_amount', rfm_cuts('monetary_amounts'))) }} as monetary_min_amount,
        recency_customers_count,
        frequency_customers_count,
        monetary_customers_count,
        {{ rfm_calibrated_count('calibrated_customers_count') }} as calibrated_customers_count,
        {{ rfm_calibrated_date() }} as calibrated_date
    from seen

)

select * from final
