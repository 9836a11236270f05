-- The ground: four schemas, the extensions, the outbox.

create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

create schema service;
create schema scheduling;
create schema assessments;
create schema certificates;

-- What happened, written in the statement that made it happen; a reaction follows each row at least once, in the
-- order of the ids of one aggregate.
create table service.outbox (
    id          bigint generated always as identity primary key,
    topic       text not null check (topic ~ '^[a-z_]+\.[a-z_]+$'),
    aggregate   uuid not null,
    payload     jsonb not null default '{}',
    occurred_at timestamptz not null,
    attempts    int not null default 0,
    retry_at    timestamptz,
    failure     text,
    dead_at     timestamptz,
    done_at     timestamptz
);
create index outbox_waiting on service.outbox (aggregate, id) where done_at is null;

-- Refuses with a name, as a constraint would: for rules that look at more than one row.
create function service.refuse(rule text) returns void language plpgsql as $$
begin
    raise exception 'refused: %', rule using errcode = 'check_violation', constraint = rule;
end $$;

-- Labels are kept in the four languages of the service, none of them empty.
create domain service.label as jsonb check (
    value is null or (
        coalesce(value ->> 'fr', '') <> '' and coalesce(value ->> 'nl', '') <> ''
        and coalesce(value ->> 'en', '') <> '' and coalesce(value ->> 'de', '') <> ''));

create domain service.language as text check (value in ('fr', 'nl', 'en', 'de'));

-- The calendar day in Brussels of a moment.
create function service.day(moment timestamptz) returns date language sql stable
return (moment at time zone 'Europe/Brussels')::date;
