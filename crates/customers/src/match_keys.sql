{sqlite}create table customer_match_key (hash bigint not null, customer_id blob not null, primary key (hash, customer_id)) without rowid;
{postgres}create table customer_match_key (hash bigint not null, customer_id uuid not null, primary key (hash, customer_id));
