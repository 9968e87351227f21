-- Grain: one row per way of grouping people, place of departure, place of arrival and cause.
select
    kind,
    name,
    from_value,
    to_value,
    cause,
    count(*) as customers_count,
    cast($from_date as date) as from_date,
    cast($to_date as date) as to_date
from (
    select kind, name, from_value, to_value, cause from temp.caused_moves
    union all
    -- Who left one segment and entered another; segments may overlap, so that a person can stand in several rows.
    select 'transition', 'segments', gone.from_value, come.to_value, come.cause
    from temp.caused_moves as gone
    inner join temp.caused_moves as come
        on gone.customer_id = come.customer_id and gone.kind = 'segment' and come.kind = 'segment'
    where gone.from_value is not null and come.to_value is not null
)
group by kind, name, from_value, to_value, cause
union all
select
    kind, name, place, place, 'stayed', customers_count, cast($from_date as date), cast($to_date as date)
from temp.stays
order by all
