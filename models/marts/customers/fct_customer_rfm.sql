-- Grain: one row per buyer.
with scored as (

    select * from {{ ref('int_customers_scored') }}

),

maps as (

    select * from {{ ref('rfm_maps') }}

),

final as (

    select
        scored.customer_id,
        cast(scored.recency_score as string)
        || cast(scored.frequency_score as string)
        || cast(scored.monetary_score as string) as rfm_code,
        maps.rfm_segment,
        'relative' as rfm_method,
        maps.rfm_map,
        scored.days_since_last_order,
        scored.orders_count,
        scored.net_revenue_amount,
        scored.recency_rank,
        scored.frequency_rank,
        scored.monetary_rank,
        scored.scored_customers_count,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        scored.frequency_monetary_score
    from scored
    inner join maps
        on
            maps.rfm_map = '{{ var("rfm_map") }}'
            and scored.recency_score = maps.recency_score
            and scored.frequency_monetary_score = maps.frequency_monetary_score

)

select * from final
