-- Grain: one row per known customer and tag of the products that the customer dealt with in the interest window.
-- A share is of everything the customer dealt with: products with several tags count for each of them.
-- Tags that tell a sensitive stage of life are no interests.
with product_events as (

    select * from {{ ref('int_customer_product_events_summed') }}

),

tags as (

    select * from {{ ref('int_product_tags_split') }}

),

sensitive as (

    select distinct trigger_name
    from {{ ref('purchase_rules') }}
    where is_sensitive and trigger_kind = 'tag'

),

weighed as (

    select
        *,
        views_count + cart_adds_count + purchases_count as events_count,
        views_count
        + {{ var('interest_cart_views_count') }} * cart_adds_count
        + {{ var('interest_purchase_views_count') }} * purchases_count as weighted_events_count
    from product_events
    where views_count + cart_adds_count + purchases_count > 0

),

shared as (

    select
        *,
        {{ sum_int_over('weighted_events_count', 'partition by customer_id') }} as all_weighted_events_count
    from weighed

),

summed as (

    select
        shared.customer_id,
        tags.tag,
        {{ sum_int('shared.views_count') }} as views_count,
        {{ sum_int('shared.cart_adds_count') }} as cart_adds_count,
        {{ sum_int('shared.purchases_count') }} as purchases_count,
        {{ sum_int('shared.events_count') }} as events_count,
        {{ sum_int('shared.weighted_events_count') }} as weighted_events_count,
        max(shared.all_weighted_events_count) as all_weighted_events_count
    from shared
    inner join tags
        on shared.product_id = tags.product_id
    left join sensitive
        on tags.tag = sensitive.trigger_name
    where sensitive.trigger_name is null
    group by shared.customer_id, tags.tag

),

judged as (

    select
        *,
        events_count >= {{ var('interest_events_count') }}
        and 10000 * weighted_events_count >= {{ var('interest_min_share_bp') }} * all_weighted_events_count
            as is_interested
    from summed

),

final as (

    select
        customer_id,
        tag,
        views_count,
        cart_adds_count,
        purchases_count,
        events_count,
        weighted_events_count,
        {{ ratio_bp('weighted_events_count', 'all_weighted_events_count') }} as weighted_share_bp,
        is_interested,
        is_interested
        and weighted_events_count
        = max(case when is_interested then weighted_events_count end) over (partition by customer_id)
            as is_main_interest
    from judged

)

select * from final
