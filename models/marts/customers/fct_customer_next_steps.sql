-- Grain: one row per customer and purchase rule that holds on the as-of date.
-- The latest purchase of the trigger counts. A follow-up ends when its category is bought on that day or after it.
with rules as (

    select * from {{ ref('purchase_rules') }}

),

groups as (

    select * from {{ ref('fct_customer_product_groups') }}

),

followed as (

    select * from {{ ref('fct_customer_product_groups') }}

),

final as (

    select
        groups.customer_id,
        rules.purchase_rule,
        rules.kind,
        rules.next_name,
        rules.later_name,
        {{ days_since('groups.last_order_date') }} as days_since_trigger,
        {{ is_within_days('groups.last_order_date', var('post_purchase_days')) }} as is_post_purchase,
        groups.last_order_date as trigger_date,
        groups.last_order_date + rules.from_days as from_date,
        groups.last_order_date + rules.until_days as until_date
    from rules
    inner join groups
        on
            rules.trigger_kind = groups.group_kind
            and rules.trigger_name = lower(trim(groups.group_name))
    left join followed
        on
            groups.customer_id = followed.customer_id
            and rules.kind = 'follow_up'
            and followed.group_kind = 'category'
            and rules.next_name = lower(trim(followed.group_name))
            and groups.last_order_date <= followed.last_order_date
    where
        rules.is_enabled
        and followed.customer_id is null
        and {{ days_since('groups.last_order_date') }} >= rules.from_days
        and {{ days_since('groups.last_order_date') }} < rules.until_days

)

select * from final
