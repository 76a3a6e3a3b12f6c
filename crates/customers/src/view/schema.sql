create table saved_view (
    id {uuid} primary key not null,
    staff_id {uuid} not null references staff (id),
    name text not null,
    name_folded {sorted} not null,
    shared boolean not null,
    query text not null,
    sort text not null,
    columns text not null,
    created_at bigint not null,
    version bigint not null default 1
);
create unique index saved_view_name on saved_view (staff_id, name_folded);
create index saved_view_shared on saved_view (name_folded) where shared;
