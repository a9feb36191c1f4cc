-- The key store: made when it is missing, left alone when it is there.
-- It may lie in a database of its own; nothing outside the schema `keys` is touched.

create schema if not exists keys;

-- One row: which master key opens this store.
create table if not exists keys.master (
    single boolean primary key default true check (single),
    id text not null
);

-- A key per party, readable only with the master key. A destroyed key leaves its row
-- behind without content, so that no second key can ever be made for the same party.
create table if not exists keys.party_keys (
    key uuid primary key,
    wrapped bytea,
    algorithm text not null,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz,
    state text not null default 'live'
        check (state in ('live', 'sealed', 'destroyed')),
    check ((state = 'destroyed') = (wrapped is null)),
    check ((state = 'destroyed') = (destroyed_at is not null))
);
