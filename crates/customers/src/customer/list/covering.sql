drop index customer_source;
drop index customer_property;
drop index customer_assignee;
drop index customer_language;
create index customer_source on customer (source_id, id) where source_id is not null;
create index customer_property on customer (property_type_id, id) where property_type_id is not null;
create index customer_assignee on customer (assignee_id, id) where assignee_id is not null;
create index customer_language on customer (language, id);
