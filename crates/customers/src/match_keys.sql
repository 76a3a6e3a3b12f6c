{sqlite}create table customer_match_key (hash bigint not null, customer_id blob not null, primary key (hash, customer_id)) without rowid;
{postgres}create table customer_match_key (hash bigint not null, customer_id uuid not null, primary key (hash, customer_id));
insert into setting (key, value, changed_at) select 'match_keys', '{"version":2}', 0 where not exists (select 1 from customer);
