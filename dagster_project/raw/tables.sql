-- The file is the catalog `raw`; its tables stand in the default schema, so that `raw.orders` names one table
-- both here and where the file is attached as `raw`.
create table if not exists raw.load_ledger (
    file varchar not null,
    source varchar not null,
    sha256 varchar not null,
    size_bytes bigint not null,
    rows_read bigint not null,
    rows_used bigint not null,
    rows_quarantined bigint not null,
    rows_duplicate bigint not null,
    rows_skipped bigint not null,
    skipped_by_rule varchar not null,
    warnings varchar not null,
    loaded_at timestamptz not null,
    loader_version varchar not null,
    replayed_at timestamptz,
    columns_found varchar
);

-- For files of an earlier version.
alter table raw.load_ledger add column if not exists replayed_at timestamptz;
alter table raw.load_ledger add column if not exists columns_found varchar;

create table if not exists raw.quarantine (
    file varchar not null,
    sha256 varchar not null,
    line bigint not null,
    raw_text varchar,
    reason_code varchar not null,
    column_name varchar,
    message varchar not null,
    loaded_at timestamptz not null
);

-- What is left of quarantined rows that were purged: nothing that was written in them.
create table if not exists raw.purged_rows (
    file varchar not null,
    sha256 varchar not null,
    line bigint not null,
    reason_code varchar not null,
    purged_at timestamptz not null
);

create table if not exists raw.pseudonym_key (
    key varchar not null
);

-- Keyed hashes of what erased people were known by; `is_applied` once nothing of theirs is left anywhere.
create table if not exists raw.tombstones (
    hash varchar not null,
    erased_at timestamptz not null,
    is_applied boolean not null
);

-- Which landing files were written anew without the rows of erased people.
create table if not exists raw.erasures (
    file varchar not null,
    old_sha256 varchar not null,
    new_sha256 varchar not null,
    rows_erased bigint not null,
    erased_at timestamptz not null
);
