alter table customer add column merged_into {uuid} references customer (id) on delete cascade;
create index customer_merged on customer (merged_into) where merged_into is not null;

create table customer_alias (
    id {uuid} primary key not null,
    customer_id {uuid} not null references customer (id) on delete cascade,
    kind text not null,
    value text not null
);
create index customer_alias_customer on customer_alias (customer_id);
