-- Grain: one row per foreign currency and day with a rate: the day's own, else the last one not older than
-- fx_lookback_days, because markets are closed on weekends and holidays.
with fx_rates as (

    select * from {{ source('raw', 'fx_rates') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by currency, rate_date
            order by content_md5 desc
        ) as version_rank
    from fx_rates

),

quoted as (

    select
        currency,
        rate,
        rate_date as quoted_date,
        lead(rate_date) over (
            partition by currency
            order by rate_date
        ) as next_quoted_date
    from latest
    where version_rank = 1

),

held as (

    select
        *,
        least(
            quoted_date + {{ var('fx_lookback_days') }},
            coalesce(next_quoted_date - 1, quoted_date + {{ var('fx_lookback_days') }})
        ) as held_until_date
    from quoted

),

final as (

    select
        currency,
        rate,
        quoted_date,
        {{ each_day('quoted_date', 'held_until_date') }} as rate_date
    from held

)

select * from final
