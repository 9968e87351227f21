-- Grain: one row per segment of an exclusive group; the first by priority has place 1.
create or replace temp table groups as
select
    unnest($segments) as segment,
    unnest($names) as name,
    generate_subscripts($segments, 1) as place,
    list_contains($loose, unnest($names)) as is_loose
