-- Lists taken over from files: each line is checked by the rules of the verbs, shown, and written when that is ordered.

create table service.imports (
    id           uuid primary key default gen_random_uuid(),
    kind         text not null check (kind in ('candidates', 'assessors', 'rooms', 'sessions')),
    centre_id    uuid not null references scheduling.centres,
    name         text not null check (length(name) <= 200),
    file         bytea,                               -- until its lines are read
    digest       bytea not null check (length(digest) = 32),
    asked_at     timestamptz not null,
    asked_by     uuid not null,                       -- an account of staff
    asked_as     text not null,                       -- the role, which says how far it reaches
    total        int,
    fault        text,                                -- why no line of it can be read
    read_at      timestamptz,
    checked_at   timestamptz,
    ordered_at   timestamptz,
    ordered_by   uuid,
    written_at   timestamptz,
    cancelled_at timestamptz,
    cancelled_by uuid,
    attempts     int not null default 0,              -- of the step that fails
    failed_at    timestamptz,
    check (ordered_at is null or checked_at is not null),
    check (written_at is null or ordered_at is not null)
);
-- The same file twice, while the first is under way, is one import: the button was pressed twice.
create unique index imports_under_way_key on service.imports (centre_id, kind, digest, asked_by)
    where written_at is null and cancelled_at is null and failed_at is null;

-- A line as it was given, and what would come of it. `changes`: {column: [before, after]}; `findings`: what is wrong,
-- [{column, value, code, blocking}]. `candidate_id`: about whom it is, once that is known.
create table service.import_lines (
    import_id    uuid not null references service.imports on delete cascade,
    number       int not null,                        -- in the file, the heading included
    cells        jsonb not null,
    batch        int not null default 0,              -- lines of one batch are checked beside each other
    verdict      text check (verdict in ('new', 'changed', 'unchanged', 'refused')),
    subject_id   uuid,
    candidate_id uuid references assessments.candidates,
    changes      jsonb not null default '{}',
    findings     jsonb not null default '[]',
    written_at   timestamptz,
    primary key (import_id, number)
);
create index on service.import_lines (import_id, batch, number) where verdict is null;
create index on service.import_lines (candidate_id) where candidate_id is not null;

-- What another system of the centre calls a candidate, an assessor, a room, a session.
create table service.external_references (
    kind        text not null check (kind in ('candidates', 'assessors', 'rooms', 'sessions')),
    centre_id   uuid not null references scheduling.centres,
    reference   text not null check (length(reference) between 1 and 80),
    subject_id  uuid not null,
    recorded_at timestamptz not null,
    primary key (kind, centre_id, reference),
    unique (kind, centre_id, subject_id)
);
create index on service.external_references (subject_id);

create trigger audit after insert or update or delete on service.imports
    for each row execute function service.record_change('import', 'kind');

-- A room changes while sessions count on it: their seats must still fit, and what is tested there.
create function scheduling.guard_changed_room() returns trigger language plpgsql as $$
begin
    perform from scheduling.sessions s
        where s.room_id = new.id and s.cancelled_at is null and s.ended_at is null for no key update;
    if exists (select from scheduling.sessions s where s.room_id = new.id and s.opened_at is not null
                 and s.cancelled_at is null and s.ended_at is null and s.seats > new.stations) then
        perform service.refuse('seats_exceed_capacity');
    end if;
    if new.kind <> old.kind and exists (select from scheduling.sessions s
            where s.room_id = new.id and s.cancelled_at is null and s.ended_at is null) then
        perform service.refuse('room_unsuitable');
    end if;
    if not new.accessible and exists (
            select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
            where s.room_id = new.id and s.cancelled_at is null and s.ended_at is null and b.released_at is null
              and assessments.needs_ground_floor(b.candidate_id)) then
        perform service.refuse('room_not_accessible');
    end if;
    return new;
end $$;
create trigger guard before update of stations, kind, accessible on scheduling.rooms
    for each row when (new.stations < old.stations or new.kind <> old.kind
                       or old.accessible and not new.accessible) execute function scheduling.guard_changed_room();
