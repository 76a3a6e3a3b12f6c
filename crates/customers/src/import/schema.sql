create table import_run (
    id {uuid} primary key not null,
    created_at bigint not null,
    staff_id {uuid} references staff (id),
    actor_name text not null,
    file_name text not null,
    file_key text not null,
    file_bytes bigint not null,
    file_digest text not null,
    options text not null,
    state text not null,
    records_done bigint not null default 0,
    bytes_done bigint not null default 0,
    rows_done bigint not null default 0,
    created bigint not null default 0,
    updated bigint not null default 0,
    skipped bigint not null default 0,
    failed bigint not null default 0,
    failure text not null default '',
    started_at bigint,
    finished_at bigint
);
create index import_run_created on import_run (created_at, id);
create index import_run_digest on import_run (file_digest);

create table import_problem (
    import_id {uuid} not null references import_run (id) on delete cascade,
    line bigint not null,
    position bigint not null,
    column_name text,
    value text not null,
    code text not null,
    message text not null,
    primary key (import_id, line, position)
);

create table import_failed_row (
    import_id {uuid} not null references import_run (id) on delete cascade,
    line bigint not null,
    cells text not null,
    primary key (import_id, line)
);
