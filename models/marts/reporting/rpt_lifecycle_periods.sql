-- Grain: one row per calendar month since the first purchase and state of the month, empty ones included.
-- New, returning and resurrecting people bought in the month; dormant ones in the month before and not in it.
with purchase_days as (

    select * from {{ ref('int_purchase_days_gapped') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

bought as (

    select
        customer_id,
        cast(date_trunc('month', purchase_date) as date) as month_start_date,
        min(purchase_day_number) as first_number,
        min(purchase_date) as first_purchase_date
    from purchase_days
    group by customer_id, cast(date_trunc('month', purchase_date) as date)

),

-- A first of the month and 31 days lie in the next month.
lagged as (

    select
        *,
        cast(date_trunc('month', month_start_date + 31) as date) as next_start_date,
        lag(month_start_date) over (partition by customer_id order by month_start_date) as earlier_start_date,
        lead(month_start_date) over (partition by customer_id order by month_start_date) as later_start_date
    from bought

),

placed as (

    select
        case
            when first_number = 1 then 'period_new'
            when month_start_date <= earlier_start_date + 31 then 'period_returning'
            else 'period_resurrecting'
        end as period_state,
        month_start_date
    from lagged
    union all
    select
        'period_dormant' as period_state,
        next_start_date as month_start_date
    from lagged
    where later_start_date is null or later_start_date > next_start_date

),

shop as (

    select
        min(month_start_date) as first_start_date,
        {{ first_orders_known_from('first_purchase_date') }} as known_from_date
    from bought

),

states_of_months as (

    {% for state in ['period_new', 'period_returning', 'period_resurrecting', 'period_dormant'] %}
        select distinct
            '{{ state }}' as period_state,
            month_start_date
        from dates
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        states.period_state,
        {{ count_where('placed.period_state is not null') }} as customers_count,
        date_trunc('month', states.month_start_date + 31) <= {{ as_of_date() }} + 1 as is_complete,
        states.month_start_date < shop.known_from_date as is_left_censored,
        states.month_start_date
    from states_of_months as states
    inner join shop
        on states.month_start_date >= shop.first_start_date
    left join placed
        on states.period_state = placed.period_state and states.month_start_date = placed.month_start_date
    group by states.period_state, states.month_start_date, shop.known_from_date

)

select * from final
