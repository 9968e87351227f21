-- Grain: one row per id, of either day, of people who left or entered one of these segments.
create or replace temp table touched_people as
with gone_or_come as (

    (
        select segment, customer_id from temp.then_members where list_contains($segments, segment)
        except
        select segment, customer_id from temp.now_members
    )
    union
    (
        select segment, customer_id from temp.now_members where list_contains($segments, segment)
        except
        select segment, customer_id from temp.then_members
    )

)

select customer_id from gone_or_come
union
select linked.now_id
from temp.linked
inner join gone_or_come
    on linked.then_id = gone_or_come.customer_id
where linked.now_id is not null
union
select linked.then_id
from temp.linked
inner join gone_or_come
    on linked.now_id = gone_or_come.customer_id
