{{ config(materialized='view') }}
-- Grain: one row per buyer, with the scores.
with ranked as (

    select * from {{ ref('int_customers_ranked') }}

),

scales as (

    select * from {{ ref('rfm_scales') }}

),

scaled as (

    select
        ranked.*,
        scales.top_score
    from ranked
    inner join scales
        on scales.rfm_map = '{{ var("rfm_map") }}'

),

scored as (

    select
        *,
        {{ rfm_score('recency_rank', 'days_since_last_order <=', rfm_cuts('recency_days')) }}
            as recency_score,
        {{ rfm_score('frequency_rank', 'orders_count >=', rfm_cuts('frequency_orders')) }}
            as reached_frequency_score,
        {{ rfm_score('monetary_rank', 'net_revenue_amount >=', rfm_cuts('monetary_amounts')) }}
            as monetary_score
    from scaled

),

floored as (

    select
        *,
        case
            when orders_count < {{ rfm_frequency_floor() }}
                then least(reached_frequency_score, top_score - 1)
            else reached_frequency_score
        end as frequency_score
    from scored

),

final as (

    select
        customer_id,
        days_since_last_order,
        orders_count,
        net_revenue_amount,
        recency_rank,
        frequency_rank,
        monetary_rank,
        scored_customers_count,
        top_score,
        recency_score,
        frequency_score,
        monetary_score,
        cast({{ int_div('frequency_score + monetary_score + 1', '2') }} as integer) as frequency_monetary_score
    from floored

)

select * from final
