-- Grain: one row per buyer, with the scores.
with ranked as (

    select * from {{ ref('int_customers_ranked') }}

),

scored as (

    select
        *,
        {{ rank_score('recency_rank', 'scored_customers_count') }} as recency_score,
        {{ rank_score('frequency_rank', 'scored_customers_count') }} as relative_frequency_score,
        {{ rank_score('monetary_rank', 'scored_customers_count') }} as monetary_score
    from ranked

),

-- Where nearly everybody ordered once, two orders are not yet the top of frequency.
floored as (

    select
        *,
        case
            when orders_count < {{ var('rfm_min_orders_for_top_frequency') }}
                then least(relative_frequency_score, {{ var('rfm_bins_count') }} - 1)
            else relative_frequency_score
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
        recency_score,
        frequency_score,
        monetary_score,
        cast({{ int_div('frequency_score + monetary_score + 1', '2') }} as integer) as frequency_monetary_score
    from floored

)

select * from final
