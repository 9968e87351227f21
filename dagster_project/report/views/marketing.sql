-- Grain: one row per segment: whom to talk to, about what, and how many of them can be reached.
select
    dictionary.title as segment_title,
    sizes.segment,
    dictionary.pack,
    dictionary.description,
    dictionary.purpose,
    sizes.members_count,
    sizes.contactable_count,
    sizes.share,
    sizes.net_revenue_amount,
    sizes.entered_count,
    sizes.left_count,
    sizes.is_too_small,
    sizes.is_reporting_only
from segments.sizes as sizes
inner join segments.dictionary as dictionary
    on sizes.segment = dictionary.segment
order by sizes.members_count desc, sizes.segment
