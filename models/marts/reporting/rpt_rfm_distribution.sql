-- Grain: one row per combination of scores that the map knows, empty ones included.
with maps as (

    select * from {{ ref('rfm_maps') }}

),

customers as (

    select * from {{ ref('fct_customer_rfm') }}

),

summed as (

    select
        recency_score,
        frequency_score,
        monetary_score,
        cast(count(*) as bigint) as customers_count,
        {{ sum_money('net_revenue_amount') }} as net_revenue_amount
    from customers
    group by recency_score, frequency_score, monetary_score

),

final as (

    select
        {{ rfm_code('maps') }} as rfm_code,
        maps.rfm_segment,
        maps.recency_score,
        maps.frequency_score,
        maps.monetary_score,
        cast({{ int_div('maps.frequency_score + maps.monetary_score + 1', '2') }} as integer)
            as frequency_monetary_score,
        coalesce(summed.customers_count, 0) as customers_count,
        cast(coalesce(summed.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount
    from maps
    left join summed
        on
            maps.recency_score = summed.recency_score
            and maps.frequency_score = summed.frequency_score
            and maps.monetary_score = summed.monetary_score
    where maps.rfm_map = '{{ var("rfm_map") }}'

)

select * from final
