-- Grain: one row per threshold of which the shop's own data can say something. It changes nothing by itself.
-- Suggested is the smallest observed value that its percentile of all observed values does not exceed: equal values
-- count one by one, and what never came back is not observed.
with purchase_days as (

    select * from {{ ref('int_purchase_days_gapped') }}

),

orders as (

    select * from {{ ref('fct_customer_orders') }}

),

behaviors as (

    select * from {{ ref('fct_customer_behaviors') }}

),

engagement as (

    select * from {{ ref('fct_customer_engagement') }}

),

first_orders as (

    select behaviors.days_since_first_session - orders.days_since_first_order as waiting_days
    from orders
    inner join behaviors
        on orders.customer_id = behaviors.customer_id

),

observed as (

    {% for basis, (table, observed_value, condition) in observed_measures().items() %}
        select
            '{{ basis }}' as basis,
            cast({{ observed_value }} as bigint) as observed_value,
            cast(count(*) as bigint) as values_count
        from {{ table }}
        where {{ condition }}
        group by {{ observed_value }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

counted as (

    select
        *,
        {{ sum_int_over('values_count', 'partition by basis order by observed_value') }} as reached_count,
        {{ sum_int_over('values_count', 'partition by basis') }} as observations_count
    from observed

),

thresholds as (

    {% for var_name, basis in threshold_measures().items() %}
        select
            '{{ var_name }}' as var_name,
            '{{ basis }}' as basis,
            cast({{ var(var_name) }} as bigint) as current_value,
            cast({{ var('suggestion_percentiles_bp')[var_name] }} as bigint) as percentile_bp
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        thresholds.var_name,
        thresholds.basis,
        thresholds.current_value,
        min(
            case
                when 10000 * counted.reached_count >= thresholds.percentile_bp * counted.observations_count
                    then counted.observed_value
            end
        ) as suggested_value,
        thresholds.percentile_bp,
        coalesce(max(counted.observations_count), 0) as observations_count,
        coalesce(max(counted.observations_count), 0) >= {{ var('suggestion_min_observations_count') }} as is_enough
    from thresholds
    left join counted
        on thresholds.basis = counted.basis
    group by thresholds.var_name, thresholds.basis, thresholds.current_value, thresholds.percentile_bp

)

select * from final
