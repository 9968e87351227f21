-- Grain: one row per known customer with a dated fact: how many, and what they were worth.
select
    facts.customer_id,
    count(*) as facts_count,
    cast(sum(facts.amount) as decimal(18, 2)) as facts_amount
from ({facts}) as facts
semi join (select customer_id from profiles.customer_profiles where customer_kind <> 'anonymous') as known
    on facts.customer_id = known.customer_id
group by facts.customer_id
order by facts.customer_id
