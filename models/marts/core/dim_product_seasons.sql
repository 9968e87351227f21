-- Grain: one row per product with a season and hemisphere: is it out of season there in the month of the as-of date?
-- Nobody needs winter boots at 40 degrees: what is out of season is not offered to who lives there.
with products as (

    select * from {{ ref('dim_products') }}

),

seasons as (

    {% for season, months in var('season_months').items() -%}
        {% for hemisphere in ['north', 'south'] -%}
            select
                '{{ season }}' as season,
                '{{ hemisphere }}' as home_hemisphere,
                extract(month from {{ as_of_date() }}) in ({{ season_months(months, hemisphere) }}) as is_in_season
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{- 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        products.product_id,
        products.season,
        seasons.home_hemisphere,
        not seasons.is_in_season as is_out_of_season
    from products
    inner join seasons
        on products.season = seasons.season

)

select * from final
