-- Bundles: the complete file of a session, or of a year, for whoever accredits. Asked for on a page, made by the worker one
-- after the other, kept as a file of the data folder for some days. The row is the queue: it says how far it is.

create table service.bundles (
    id           uuid primary key default gen_random_uuid(),
    session_id   uuid references scheduling.sessions,
    year         int check (year between 2000 and 2100),
    centre_id    uuid references scheduling.centres,       -- whose it is to see; of a year, null: of all centres
    with_names   boolean not null,                         -- false: everybody under pseudonyms
    language     service.language not null,
    asked_at     timestamptz not null,
    asked_by     uuid not null,                            -- an account
    progress     int not null default 0 check (progress between 0 and 100),
    cancelled_at timestamptz,
    failed_at    timestamptz,
    ready_at     timestamptz,
    expires_at   timestamptz,
    sha256       text check (sha256 ~ '^[0-9a-f]{64}$'),
    size         bigint check (size > 0),
    check ((session_id is null) <> (year is null)),
    check ((ready_at is null) = (sha256 is null) and (ready_at is null) = (size is null)),
    check ((ready_at is null) = (expires_at is null)),
    check (num_nonnulls(cancelled_at, failed_at, ready_at) <= 1)
);
-- One at a time for each account: whoever wants another one cancels the first.
create unique index bundle_under_way on service.bundles (asked_by)
    where ready_at is null and cancelled_at is null and failed_at is null;

-- In the audit trail: who asked for which file, and whether with names; not how far it is.
create trigger audit after insert or delete or update of cancelled_at, failed_at, ready_at on service.bundles
    for each row execute function service.record_change('bundle', 'year', 'with_names', 'sha256');
