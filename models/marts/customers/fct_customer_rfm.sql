-- Grain: one row per buyer.
-- Beside each score stands all that it was made of, so that it can be derived again from published columns.
with scored as (

    select * from {{ ref('int_customers_scored') }}

),

maps as (

    select * from {{ ref('rfm_maps') }}

),

calibrated as (

    select
        *,
        {{ rfm_calibrated_count('scored_customers_count') }} as calibrated_customers_count
    from scored

),

final as (

    select
        calibrated.customer_id,
        {{ rfm_code('calibrated') }} as rfm_code,
        maps.rfm_segment,
        '{{ var("rfm_method") }}' as rfm_method,
        maps.rfm_map,
        {{ rfm_anchor_version() }} as rfm_anchor,
        'high_is_good' as score_direction,
        'all_time' as order_window,
        'net_revenue_sum' as monetary_basis,
        calibrated.days_since_last_order,
        calibrated.orders_count,
        calibrated.net_revenue_amount,
        calibrated.recency_rank,
        calibrated.frequency_rank,
        calibrated.monetary_rank,
        calibrated.scored_customers_count,
        calibrated.calibrated_customers_count,
        cast(nullif({{ rfm_frequency_floor() }}, 0) as bigint) as frequency_floor_count,
        calibrated.top_score,
        calibrated.recency_score,
        calibrated.frequency_score,
        calibrated.monetary_score,
        calibrated.frequency_monetary_score,
        coalesce(
            calibrated.calibrated_customers_count < {{ var('rfm_min_scored_customers') }}, false
        ) as is_low_confidence,
        {{ as_of_date() }} as as_of_date
    from calibrated
    inner join maps
        on
            maps.rfm_map = '{{ var("rfm_map") }}'
            and calibrated.recency_score = maps.recency_score
            and calibrated.frequency_score = maps.frequency_score
            and calibrated.monetary_score = maps.monetary_score

)

select * from final
