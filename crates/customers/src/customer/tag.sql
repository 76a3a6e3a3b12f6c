create table customer_tag (
    customer_id {uuid} not null references customer (id) on delete cascade,
    tag_id {uuid} not null references choice (id),
    primary key (customer_id, tag_id)
);
create index customer_tag_tag on customer_tag (tag_id, customer_id);
