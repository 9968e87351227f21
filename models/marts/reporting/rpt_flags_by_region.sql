-- Grain: one row per home region and flag of enough known customers who have it: where which behaviour lives.
-- Cells of fewer are left out, as they would tell of persons.
{% set flags = flag_operands().keys() | list -%}
with customers as (

    select * from {{ ref('dim_customers') }}

),

behaviors as (

    select * from {{ ref('fct_customer_behaviors') }}

),

engagement as (

    select * from {{ ref('fct_customer_engagement') }}

),

preferences as (

    select * from {{ ref('fct_customer_preferences') }}

),

journey as (

    select * from {{ ref('fct_customer_journey') }}

),

regions as (

    select
        coalesce(customers.home_country, 'unknown') as home_country,
        coalesce(customers.home_region, 'unknown') as home_region,
        {% for flag in flags -%}
            {{ count_where('is_' ~ flag) }} as {{ flag }}_count,
        {% endfor -%}
        cast(count(*) as bigint) as region_customers_count
    from customers
    inner join behaviors
        on customers.customer_id = behaviors.customer_id
    inner join engagement
        on customers.customer_id = engagement.customer_id
    inner join journey
        on customers.customer_id = journey.customer_id
    left join preferences
        on customers.customer_id = preferences.customer_id
    where customers.customer_kind <> 'anonymous'
    group by coalesce(customers.home_country, 'unknown'), coalesce(customers.home_region, 'unknown')

),

cells as (

    {% for flag in flags -%}
        select
            home_country,
            home_region,
            '{{ flag }}' as flag,
            {{ flag }}_count as customers_count,
            region_customers_count
        from regions
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        home_country,
        home_region,
        flag,
        customers_count,
        region_customers_count,
        {{ ratio_bp('customers_count', 'region_customers_count') }} as region_share_bp
    from cells
    where customers_count >= {{ var('flag_cell_min_customers_count') }}

)

select * from final
