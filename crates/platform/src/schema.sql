create table setting (
    key text primary key not null,
    value text not null,
    changed_at bigint not null
);

create table role (
    id {uuid} primary key not null,
    key text not null unique,
    name text not null,
    permissions text not null,
    requires_second_factor boolean not null default false,
    created_at bigint not null,
    version bigint not null default 1
);

create table staff (
    id {uuid} primary key not null,
    email text not null,
    email_folded text not null unique,
    name text not null,
    role_id {uuid} not null references role (id),
    password_hash text not null,
    totp_secret text not null default '',
    totp_since bigint,
    totp_last_step bigint not null default 0,
    active boolean not null default true,
    language text not null default 'en',
    time_zone text not null default 'UTC',
    theme text not null default 'auto',
    preferences text not null default '{}',
    created_at bigint not null,
    version bigint not null default 1
);

create table recovery_code (
    id {uuid} primary key not null,
    staff_id {uuid} not null references staff (id) on delete cascade,
    code_hash {bytes} not null,
    used_at bigint
);
create index recovery_code_staff on recovery_code (staff_id);

create table session (
    id {uuid} primary key not null,
    staff_id {uuid} not null references staff (id) on delete cascade,
    token_hash {bytes} not null unique,
    awaiting_second_factor boolean not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    address text not null,
    browser text not null
);
create index session_staff on session (staff_id);
create index session_expires on session (expires_at);

create table api_token (
    id {uuid} primary key not null,
    staff_id {uuid} not null references staff (id) on delete cascade,
    name text not null,
    token_hash {bytes} not null unique,
    scopes text not null,
    created_at bigint not null,
    last_used_at bigint,
    revoked_at bigint
);

create table rate_limit (
    key text not null,
    window_start bigint not null,
    used bigint not null,
    primary key (key, window_start)
);

create table idempotency (
    token_id {uuid} not null references api_token (id) on delete cascade,
    key text not null,
    request_hash {bytes} not null,
    status bigint not null,
    headers text not null,
    body {bytes} not null,
    created_at bigint not null,
    primary key (token_id, key)
);

create table event (
    id {uuid} primary key not null,
    at bigint not null,
    actor_kind text not null,
    actor_id {uuid},
    actor_name text not null,
    source text not null,
    source_detail text not null,
    entity text not null,
    entity_id {uuid} not null,
    customer_id {uuid},
    version bigint not null default 0,
    action text not null,
    fields text not null,
    changes {bytes},
    reason text not null default ''
);
create index event_customer on event (customer_id, at);
create index event_entity on event (entity, entity_id, at);
create index event_actor on event (actor_id, at);
create index event_at on event (at);

create table job (
    id {uuid} primary key not null,
    kind text not null,
    payload text not null,
    state text not null,
    run_at bigint not null,
    attempts bigint not null default 0,
    leased_until bigint not null default 0,
    progress_done bigint not null default 0,
    progress_total bigint not null default 0,
    last_error text not null default '',
    created_at bigint not null,
    finished_at bigint
);
create index job_due on job (state, run_at);

create table number_series (
    name text primary key not null,
    last_value bigint not null
);
