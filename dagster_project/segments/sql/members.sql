-- Grain: one row per member; who was a member on the day before keeps the date.
select
    members.customer_id,
    coalesce(previous.entered_date, cast($as_of as date)) as entered_date
from temp.judged_people as members
left join temp.previous_memberships as previous
    on members.customer_id = previous.customer_id and previous.segment = $segment
where members.{is_member}
