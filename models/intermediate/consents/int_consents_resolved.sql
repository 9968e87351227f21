-- Grain: one row per person, channel and purpose that anything was ever said about.
-- The latest word stands; what is said of all purposes is said of each. At the same instant no outweighs yes.
with changes as (

    select * from {{ ref('int_consent_changes_unioned') }}

),

summed as (

    select
        customer_id,
        channel,
        purpose,
        max(case when is_granted then changed_at end) as granted_at,
        max(case when not is_granted then changed_at end) as withdrawn_at
    from changes
    group by customer_id, channel, purpose

),

widened as (

    select
        customer_id,
        channel,
        purpose,
        greatest(
            granted_at,
            max(case when purpose = '' then granted_at end) over (partition by customer_id, channel)
        ) as granted_at,
        greatest(
            withdrawn_at,
            max(case when purpose = '' then withdrawn_at end) over (partition by customer_id, channel)
        ) as withdrawn_at
    from summed

),

final as (

    select
        customer_id,
        channel,
        purpose,
        granted_at is not null and (withdrawn_at is null or granted_at > withdrawn_at) as is_granted,
        granted_at,
        withdrawn_at
    from widened

)

select * from final
