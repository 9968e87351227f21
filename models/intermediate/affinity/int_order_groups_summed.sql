{{ config(materialized='view') }}
-- Grain: one row per counted order and category, product line or trigger tag in it.
-- Each kind reads the products for itself: what several branches of a query share is kept between them.
with category_products as (

    select * from {{ ref('int_order_products_summed') }}

),

product_line_products as (

    select * from {{ ref('int_order_products_summed') }}

),

order_products as (

    select * from {{ ref('int_order_products_summed') }}

),

tags as (

    select * from {{ ref('int_product_tags_split') }}

),

rules as (

    select * from {{ ref('purchase_rules') }}

),

triggers as (

    select distinct trigger_name
    from rules
    where is_enabled and trigger_kind = 'tag'

),

tag_products as (

    select
        order_products.*,
        tags.tag
    from order_products
    inner join tags
        on order_products.product_id = tags.product_id
    where tags.tag in (select triggers.trigger_name from triggers)

),

final as (

    {% for kind in ['category', 'product_line', 'tag'] %}
        select
            customer_id,
            order_id,
            '{{ kind }}' as group_kind,
            {{ kind }} as group_name,
            cast(sum(quantity) as decimal(18, 3)) as quantity,
            order_date
        from {{ kind }}_products
        where {{ kind }} is not null
        group by customer_id, order_id, {{ kind }}, order_date
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
