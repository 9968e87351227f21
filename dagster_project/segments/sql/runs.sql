-- Grain: one row per segment, person and unbroken run of days; runs that touch or overlap have become one.
create or replace temp table {table} as
with distinct_runs as (

    select distinct
        segment,
        customer_id,
        first_date,
        last_date
    from temp.{table}

),

reaching as (

    select
        segment,
        customer_id,
        first_date,
        last_date,
        max(last_date) over (
            partition by segment, customer_id
            order by first_date, last_date
            rows between unbounded preceding and 1 preceding
        ) as reached_date
    from distinct_runs

),

numbered as (

    select
        segment,
        customer_id,
        first_date,
        last_date,
        count(*) filter (where reached_date is null or first_date > reached_date + 1) over (
            partition by segment, customer_id
            order by first_date, last_date
            rows between unbounded preceding and current row
        ) as run_number
    from reaching

)

select
    segment,
    customer_id,
    min(first_date) as first_date,
    max(last_date) as last_date
from numbered
group by segment, customer_id, run_number
