-- Grain: one row: what this build is.
with customers as (

    select * from {{ ref('int_customers_classified') }}

),

listed as (

    select * from {{ ref('int_customers_listed') }}

),

known as (

    select cast(count(*) as bigint) as people_count
    from customers

),

shown as (

    select
        cast(count(*) as bigint) as listed_customers_count,
        {{ count_where("customer_kind = 'anonymous'") }} as listed_anonymous_count
    from listed

),

final as (

    select
        '{{ var("generation", "unpublished") }}' as generation,
        '{{ var("shop_time_zone", "UTC") }}' as shop_time_zone,
        nullif('{{ var("shop_currency", "") }}', '') as shop_currency,
        '{{ target.type }}' as engine,
        shown.listed_customers_count,
        shown.listed_anonymous_count,
        known.people_count - shown.listed_customers_count as unlisted_anonymous_count,
        {{ as_of_date() }} as as_of_date
    from known
    cross join shown

)

select * from final
