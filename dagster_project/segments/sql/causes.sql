-- Grain: one row per move of a person, with its one cause: the first that holds.
create or replace temp table caused_moves as
with movers as (

    select distinct then_id, person_id
    from temp.moves

),

-- Facts carry the ids of the latest generation.
facts as (

    select
        movers.then_id,
        movers.person_id,
        count(*) filter (where facts.first_date <= $from_date) as facts_count,
        coalesce(sum(facts.amount) filter (where facts.first_date <= $from_date), 0) as facts_amount,
        bool_or(facts.is_deed) filter (where facts.last_date > $from_date and facts.last_date <= $to_date) as has_deeds,
        bool_or(not facts.is_deed) filter (where facts.first_date > $from_date) as was_written_to
    from movers
    left join temp.known_aliases as aliases
        on movers.person_id = aliases.customer_id
    inner join ({facts}) as facts
        on coalesce(aliases.merged_into, movers.person_id) = facts.customer_id
    where facts.first_date <= $to_date
    group by movers.then_id, movers.person_id

),

-- Facts of a device are those of its owner from when it was recognized, and back to its beginning.
newcomers as (

    select distinct merged_into
    from marts.dim_customer_aliases
    where merged_date > $from_date and merged_date <= $to_date

),

judged as (

    select
        moves.*,
        coalesce(linked.is_merged, false)
        or coalesce(later.customer_ids_count < earlier.customer_ids_count, false) as is_merged,
        list_contains($changed, moves.name) as is_rule_changed,
        case
            when list_contains($built_again, moves.name) then again.to_value is distinct from moves.from_value
            when moves.then_id is null or newcomers.merged_into is not null then false
            else coalesce(
                known.facts_count <> coalesce(facts.facts_count, 0)
                or known.facts_amount <> coalesce(facts.facts_amount, 0), false
            )
        end as is_corrected,
        coalesce(facts.has_deeds, false)
        or coalesce(facts.was_written_to and list_contains($of_outreach, moves.name), false)
        or coalesce(later.last_activity_date > $from_date or later.first_seen_date > $from_date, false)
            as has_facts_between,
        coalesce(
            moves.now_id is null and earlier.customer_kind <> 'anonymous'
            or moves.then_id is null and later.customer_kind <> 'anonymous'
            or earlier.orders_count <> later.orders_count
            or earlier.net_revenue_amount <> later.net_revenue_amount
            or earlier.last_order_date <> later.last_order_date, false
        ) as has_own_values_changed,
        {relative} as has_rank_changed
    from temp.moves
    left join temp.linked
        on moves.then_id = linked.then_id
    left join temp.then_customers as earlier
        on moves.then_id = earlier.customer_id
    left join temp.now_customers as later
        on moves.now_id = later.customer_id
    left join temp.then_facts as known
        on moves.then_id = known.customer_id
    left join newcomers
        on moves.person_id = newcomers.merged_into
    left join facts
        on moves.person_id = facts.person_id and moves.then_id is not distinct from facts.then_id
    left join temp.again_values as again
        on
            moves.kind = again.kind
            and moves.name = again.name
            and coalesce(moves.then_id, moves.now_id) = again.customer_id

)

select
    kind,
    name,
    coalesce(now_id, then_id) as customer_id,
    from_value,
    to_value,
    case
        when is_merged then 'identity_merged'
        when is_rule_changed then 'rule_changed'
        when is_corrected then 'data_corrected'
        when has_facts_between then 'behaviour'
        when has_own_values_changed then 'data_corrected'
        when has_rank_changed then 'others_moved'
        else 'ageing'
    end as cause
from judged
