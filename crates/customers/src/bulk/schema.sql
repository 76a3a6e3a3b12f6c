create table bulk_plan (
    id {uuid} primary key not null,
    staff_id {uuid} not null references staff (id),
    action text not null,
    value text not null,
    question text not null,
    granted text not null,
    state text not null,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    undone_at bigint,
    total bigint not null default 0,
    failure text not null default ''
);
create index bulk_plan_newest on bulk_plan (created_at, id);

create table bulk_row (
    plan_id {uuid} not null references bulk_plan (id) on delete cascade,
    position bigint not null,
    customer_id {uuid} not null,
    version bigint not null,
    outcome text not null,
    reason text not null default '',
    primary key (plan_id, position)
);
create index bulk_row_outcome on bulk_row (plan_id, outcome, position);
create index bulk_row_customer on bulk_row (customer_id);
