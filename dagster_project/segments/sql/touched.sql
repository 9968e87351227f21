-- Grain: one row per segment and id of the day before that a renaming touches, under its old name and its new one.
create or replace temp view touched_members as
select segment, old_customer_id as customer_id from temp.renamed_members
union
select segment, customer_id from temp.renamed_members
