-- The outside: accounts and sign-in, idempotency, calendar addresses, mail, imported report lines.

create table service.accounts (
    id           uuid primary key default gen_random_uuid(),
    email        text not null check (email = lower(email) and length(email) <= 254),
    role         text not null check (role in ('candidate', 'assessor', 'manager', 'administrator')),
    centre_id    uuid references scheduling.centres,
    candidate_id uuid references assessments.candidates,
    assessor_id  uuid references assessments.assessors,
    language     service.language not null,
    created_at   timestamptz not null,
    disabled_at  timestamptz,
    constraint account_known unique (email),
    check ((role = 'candidate') = (candidate_id is not null)),
    check (role <> 'assessor' or assessor_id is not null),
    check ((role = 'manager') = (centre_id is not null))
);

-- A row per asking, for unknown addresses too: they count towards the limit and take the same time, and open nothing.
-- Of address, origin and token only hashes are kept; the token is derived from the id and a key outside the database.
create table service.sign_in_links (
    id           uuid primary key,
    token_hash   bytea not null unique check (length(token_hash) = 32),
    account_id   uuid references service.accounts,
    address_hash bytea not null check (length(address_hash) = 32),
    origin_hash  bytea not null check (length(origin_hash) = 32),
    asked_at     timestamptz not null,
    expires_at   timestamptz not null,
    used_at      timestamptz
);
create index on service.sign_in_links (address_hash, asked_at);
create index on service.sign_in_links (origin_hash, asked_at);

create table service.logins (
    id           uuid primary key default gen_random_uuid(),
    secret_hash  bytea not null unique check (length(secret_hash) = 32),
    account_id   uuid not null references service.accounts,
    signed_in_at timestamptz not null,
    seen_at      timestamptz not null,
    expires_at   timestamptz not null,
    ended_at     timestamptz
);
create index on service.logins (account_id) where ended_at is null;

-- The first answer to a keyed write, given again to every replay.
create table service.idempotency (
    account_id  uuid not null references service.accounts,
    key         text not null check (length(key) between 1 and 200),
    request     text not null,            -- SHA-256 of method, path and body
    status      int,
    body        bytea,
    seen        int not null default 1,
    first_at    timestamptz not null,
    primary key (account_id, key)
);

-- A letter per outbox row and addressee: the Message-ID comes from its id. What it said is wiped when it has left: it
-- may hold a sign-in link, and nobody needs a second copy of what people were told.
create table service.mails (
    id          bigint generated always as identity primary key,
    outbox_id   bigint not null,
    recipient   text not null,
    subject     text not null,
    body        text not null,
    calendar    bytea,
    written_at  timestamptz not null,
    attempts    int not null default 0,
    retry_at    timestamptz,
    failure     text,
    given_up_at timestamptz,
    sent_at     timestamptz,
    unique (outbox_id, recipient, subject)
);
create index mails_unsent on service.mails (id) where sent_at is null and given_up_at is null;

-- Lines of the annual report that other systems own.
create table service.report_imports (
    year        int not null,
    line        text not null check (line in ('trained_jobseekers', 'in_company')),
    centre_id   uuid not null references scheduling.centres,
    value       int not null check (value >= 0),
    source      text not null,
    imported_at timestamptz not null,
    primary key (year, line, centre_id)
);

-- When something once-only was done: "seeded".
create table service.milestones (
    name       text primary key,
    reached_at timestamptz not null
);

create table scheduling.feeds (
    id         uuid primary key default gen_random_uuid(),
    kind       text not null check (kind in ('candidate', 'assessor', 'room', 'centre')),
    owner_id   uuid not null,
    token_hash bytea not null unique check (length(token_hash) = 32),
    language   service.language not null,
    created_at timestamptz not null,
    created_by uuid not null,
    revoked_at timestamptz
);
create index on scheduling.feeds (kind, owner_id) where revoked_at is null;
