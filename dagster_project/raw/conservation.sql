-- Grain: one row per loaded file whose rows do not add up.
-- A row that was purged from quarantine stays counted as quarantined.
with refused as (
    select
        file,
        sha256
    from raw.quarantine
    union all
    select
        file,
        sha256
    from raw.purged_rows
),

quarantined as (
    select
        file,
        sha256,
        count(*) as rows_counted
    from refused
    group by file, sha256
),

final as (
    select
        load_ledger.file,
        load_ledger.sha256,
        case
            when load_ledger.rows_read <> load_ledger.rows_used + load_ledger.rows_quarantined
                + load_ledger.rows_duplicate + load_ledger.rows_skipped
                then format(
                    '{} rows read, but {} used + {} quarantined + {} duplicate + {} skipped',
                    load_ledger.rows_read,
                    load_ledger.rows_used,
                    load_ledger.rows_quarantined,
                    load_ledger.rows_duplicate,
                    load_ledger.rows_skipped
                )
            when load_ledger.rows_quarantined <> coalesce(quarantined.rows_counted, 0)
                then format(
                    '{} rows quarantined by the ledger, but {} in quarantine',
                    load_ledger.rows_quarantined,
                    coalesce(quarantined.rows_counted, 0)
                )
        end as message
    from raw.load_ledger
    left join quarantined
        on load_ledger.file = quarantined.file and load_ledger.sha256 = quarantined.sha256
)

select
    file,
    sha256,
    message
from final
where message is not null
order by file, sha256
