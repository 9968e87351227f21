-- Grain: one row per exclusive group and person in one of its segments on the day.
-- Where the group was none yet, or another one, somebody can be in several: they stand in the first by priority.
create or replace temp view {day}_groups as
select groups.name, members.customer_id, members.segment
from temp.{day}_members as members
inner join temp.groups
    on members.segment = groups.segment
where not groups.is_loose
union all
select groups.name, members.customer_id, arg_min(members.segment, groups.place) as segment
from temp.{day}_members as members
inner join temp.groups
    on members.segment = groups.segment
where groups.is_loose
group by groups.name, members.customer_id
