-- Grain: one row per person who ever bought: the rhythm of that person's purchase days.
-- Twice the median gap is kept, so that it stays an integer.
with purchase_days as (

    select * from {{ ref('int_purchase_days_gapped') }}

),

ranked as (

    select
        customer_id,
        gap_days,
        row_number() over (partition by customer_id order by gap_days, purchase_date) as gap_rank,
        count(*) over (partition by customer_id) as gaps_count
    from purchase_days
    where gap_days is not null

),

medians as (

    select
        customer_id,
        {{ sum_int(middle_two('gap_days', 'gap_rank', 'gaps_count')) }} as double_median_gap_days,
        max(case when gap_rank = {{ int_div('3 * gaps_count + 3', '4') }} then gap_days end)
        - max(case when gap_rank = {{ int_div('gaps_count + 3', '4') }} then gap_days end) as gap_spread_days
    from ranked
    group by customer_id

),

summed as (

    select
        customer_id,
        cast(count(*) as bigint) as purchase_days_count,
        min(purchase_date) as first_purchase_date,
        min(case when purchase_day_number = 2 then purchase_date end) as second_purchase_date,
        max(purchase_date) as last_purchase_date,
        max(previous_purchase_date) as previous_purchase_date,
        max(case when gap_days >= {{ var('reactivation_gap_days') }} then purchase_date end) as reactivation_date,
        max(case when gap_days is null or gap_days > {{ var('active_days') }} then purchase_date end)
            as active_spell_date
    from purchase_days
    group by customer_id

),

final as (

    select
        summed.customer_id,
        summed.purchase_days_count,
        medians.double_median_gap_days,
        medians.gap_spread_days,
        {{ days_between('summed.previous_purchase_date', 'summed.last_purchase_date') }} as last_gap_days,
        summed.first_purchase_date,
        summed.second_purchase_date,
        summed.last_purchase_date,
        summed.reactivation_date,
        summed.active_spell_date
    from summed
    left join medians
        on summed.customer_id = medians.customer_id

)

select * from final
