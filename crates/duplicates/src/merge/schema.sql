create table customer_merge (
    id {uuid} primary key not null,
    survivor_id {uuid} not null references customer (id) on delete cascade,
    survivor_version bigint not null,
    staff_id {uuid},
    actor_name text not null,
    created_at bigint not null,
    undo_until bigint not null,
    undone_at bigint,
    finalised_at bigint
);
create index customer_merge_survivor on customer_merge (survivor_id, id);

create table customer_merge_part (
    merge_id {uuid} not null references customer_merge (id) on delete cascade,
    customer_id {uuid} not null references customer (id) on delete cascade,
    position bigint not null,
    version bigint not null,
    undone_at bigint,
    primary key (merge_id, customer_id)
);
create index customer_merge_part_customer on customer_merge_part (customer_id);

create table customer_merge_row (
    merge_id {uuid} not null references customer_merge (id) on delete cascade,
    part_id {uuid} not null,
    table_name text not null,
    row_key text not null,
    place_before text not null,
    place_after text not null
);
create index customer_merge_row_part on customer_merge_row (merge_id, part_id);

create table customer_merge_field (
    merge_id {uuid} not null references customer_merge (id) on delete cascade,
    part_id {uuid} not null,
    field text not null,
    primary key (merge_id, field)
);
