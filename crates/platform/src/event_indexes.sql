drop index event_entity;
drop index event_actor;
drop index event_at;
create index event_entity on event (entity_id, at) where customer_id is null;
create index event_actor on event (actor_id, at) where actor_id is not null;
create index event_at on event (at) where actor_kind = 'staff';
