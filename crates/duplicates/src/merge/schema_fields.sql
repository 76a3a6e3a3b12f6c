create table customer_merge_field_new (
    merge_id {uuid} not null references customer_merge (id) on delete cascade,
    part_id {uuid} not null,
    field text not null,
    before_version bigint not null,
    after_version bigint not null,
    primary key (merge_id, part_id, field)
);
insert into customer_merge_field_new (merge_id, part_id, field, before_version, after_version)
    select f.merge_id, f.part_id, f.field, m.survivor_version, m.survivor_version
    from customer_merge_field f join customer_merge m on m.id = f.merge_id;
drop table customer_merge_field;
alter table customer_merge_field_new rename to customer_merge_field;

-- A row can name customers in several columns; which of them moved.
alter table customer_merge_row add column column_name text not null default 'customer_id';
