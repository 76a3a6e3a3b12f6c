create table duplicate_scan (
    id {uuid} primary key not null,
    state text not null,
    staff_id {uuid},
    actor_name text not null,
    source text not null,
    created_at bigint not null,
    beat_at bigint not null,
    finished_at bigint,
    percent bigint not null default 0,
    customers bigint not null default 0,
    compared bigint not null default 0,
    pairs bigint not null default 0,
    failure text not null default ''
);
create unique index duplicate_scan_one on duplicate_scan (state) where state = 'running';

create table duplicate_pair (
    low_id {uuid} not null references customer (id) on delete cascade,
    high_id {uuid} not null references customer (id) on delete cascade,
    doubt bigint not null,
    over_id {uuid},
    explanation text not null,
    found_at bigint not null,
    state text not null,
    turn bigint not null default 0,
    primary key (low_id, high_id)
);
create index duplicate_pair_high on duplicate_pair (high_id);
create index duplicate_pair_queue on duplicate_pair (state, turn, doubt, low_id, high_id);
create index duplicate_pair_doubt on duplicate_pair (state, doubt, low_id, high_id);

create table duplicate_decision (
    id {uuid} primary key not null,
    kind text not null,
    fields text not null,
    staff_id {uuid},
    actor_name text not null,
    decided_at bigint not null,
    due_at bigint,
    ended_at bigint,
    ended_by text not null default ''
);
create index duplicate_decision_due on duplicate_decision (due_at);

create table duplicate_decision_side (
    decision_id {uuid} not null references duplicate_decision (id) on delete cascade,
    customer_id {uuid} not null references customer (id) on delete cascade,
    taken_from_id {uuid} not null,
    print bigint not null,
    primary key (decision_id, customer_id)
);
create index duplicate_decision_side_customer on duplicate_decision_side (customer_id, decision_id);

create table duplicate_follow (
    id bigint primary key not null,
    event_id {uuid} not null,
    seen text not null
);
