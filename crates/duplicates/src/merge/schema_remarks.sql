create table customer_merge_remark (
    merge_id {uuid} not null references customer_merge (id) on delete cascade,
    position bigint not null,
    at bigint not null,
    remark text not null,
    primary key (merge_id, position)
);
