create table channel (
    id {uuid} primary key not null,
    name text not null,
    name_folded text not null unique,
    kind text not null,
    number_prefix text not null default 'C',
    active boolean not null default true,
    created_at bigint not null,
    version bigint not null default 1
);

create table choice (
    id {uuid} primary key not null,
    list text not null,
    name text not null,
    name_folded text not null,
    position bigint not null default 0,
    retired_at bigint,
    created_at bigint not null,
    unique (list, name_folded)
);

create table customer_group (
    id {uuid} primary key not null,
    name text not null,
    name_folded text not null unique,
    description text not null default '',
    pricing boolean not null default false,
    tax boolean not null default false,
    rights boolean not null default false,
    mailing boolean not null default true,
    assignable boolean not null default true,
    created_at bigint not null,
    version bigint not null default 1
);

create table company (
    id {uuid} primary key not null,
    name text not null,
    name_folded {sorted} not null,
    number text not null default '',
    vat_number text not null default '',
    created_at bigint not null,
    version bigint not null default 1
);
create index company_name on company (name_folded, id);

create table customer (
    id {uuid} primary key not null,
    number {sorted} not null unique,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    origin text not null,
    status text not null,
    active boolean not null,
    customer_type text not null,
    privacy_state text not null,
    incomplete boolean not null,
    note_flag boolean not null,
    title text not null,
    first_name text not null,
    last_name text not null,
    company_name text not null,
    company_number text not null,
    vat_number text not null,
    account_code text not null,
    language text not null,
    company_id {uuid} references company (id),
    source_id {uuid} references choice (id),
    property_type_id {uuid} references choice (id),
    assignee_id {uuid} references staff (id),
    owner_id {uuid} references customer (id),
    home_channel_id {uuid} references channel (id),
    display_name text not null,
    sort_name {sorted} not null,
    name_folded text not null,
    company_folded {sorted} not null,
    main_email {sorted} not null,
    main_phone text not null,
    main_town text not null,
    main_postcode text not null,
    main_country text not null,
    history_key {bytes}
);
create index customer_by_name on customer (sort_name, id) where deleted_at is null;
create index customer_by_company on customer (company_folded, id) where deleted_at is null;
create index customer_by_email on customer (main_email, id) where deleted_at is null;
create index customer_by_created on customer (created_at, id) where deleted_at is null;
create index customer_by_updated on customer (updated_at, id) where deleted_at is null;
create unique index customer_account_code on customer (account_code) where account_code <> '';
create index customer_company on customer (company_id) where company_id is not null;
create index customer_owner on customer (owner_id) where owner_id is not null;
create index customer_assignee on customer (assignee_id) where assignee_id is not null;
create index customer_source on customer (source_id) where source_id is not null;
create index customer_property on customer (property_type_id) where property_type_id is not null;
create index customer_channel_home on customer (home_channel_id) where home_channel_id is not null;
create index customer_deleted on customer (deleted_at) where deleted_at is not null;

create table customer_email (
    id {uuid} primary key not null,
    customer_id {uuid} not null references customer (id) on delete cascade,
    position bigint not null,
    address text not null,
    folded {sorted} not null,
    domain text not null,
    kind text not null,
    is_primary boolean not null
);
create index customer_email_customer on customer_email (customer_id);
create index customer_email_folded on customer_email (folded);
create index customer_email_domain on customer_email (domain);

create table customer_phone (
    id {uuid} primary key not null,
    customer_id {uuid} not null references customer (id) on delete cascade,
    position bigint not null,
    typed text not null,
    e164 text not null,
    digits text not null,
    kind text not null,
    is_primary boolean not null
);
create index customer_phone_customer on customer_phone (customer_id);
create index customer_phone_digits on customer_phone (digits);

create table customer_address (
    id {uuid} primary key not null,
    customer_id {uuid} not null references customer (id) on delete cascade,
    position bigint not null,
    label text not null,
    line1 text not null,
    line2 text not null,
    town text not null,
    county text not null,
    postcode text not null,
    postcode_folded {sorted} not null,
    country text not null,
    is_primary boolean not null,
    is_billing boolean not null,
    is_delivery boolean not null
);
create index customer_address_customer on customer_address (customer_id);
create index customer_address_postcode on customer_address (postcode_folded);

create table customer_membership (
    customer_id {uuid} not null references customer (id) on delete cascade,
    group_id {uuid} not null references customer_group (id),
    is_primary boolean not null,
    primary key (customer_id, group_id)
);
create index customer_membership_group on customer_membership (group_id, customer_id);

create table customer_channel (
    customer_id {uuid} not null references customer (id) on delete cascade,
    channel_id {uuid} not null references channel (id),
    primary key (customer_id, channel_id)
);
create index customer_channel_channel on customer_channel (channel_id, customer_id);

create table customer_account (
    customer_id {uuid} primary key not null references customer (id) on delete cascade,
    login_email text not null,
    login_folded text not null unique,
    password_hash text not null,
    created_at bigint not null
);

create table customer_search (
    seq {serial} not null,
    customer_id {uuid} not null unique references customer (id) on delete cascade,
    document text not null
);
{sqlite}create virtual table customer_search_fts using fts5 (document, content = 'customer_search', content_rowid = 'seq', tokenize = 'trigram', detail = none);
{sqlite}create trigger customer_search_added after insert on customer_search begin insert into customer_search_fts (rowid, document) values (new.seq, new.document); end;
{sqlite}create trigger customer_search_removed after delete on customer_search begin insert into customer_search_fts (customer_search_fts, rowid, document) values ('delete', old.seq, old.document); end;
{sqlite}create trigger customer_search_changed after update on customer_search begin insert into customer_search_fts (customer_search_fts, rowid, document) values ('delete', old.seq, old.document); insert into customer_search_fts (rowid, document) values (new.seq, new.document); end;
{postgres}create extension if not exists pg_trgm with schema public;
{postgres}create index customer_search_trigram on customer_search using gin (document gin_trgm_ops);

create table search_word (
    key bigint not null,
    word text not null,
    primary key (key, word)
);
