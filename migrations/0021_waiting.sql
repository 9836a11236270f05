-- The waiting list: who would like a place for a unit, where, when and in which language; and in which order they are asked.

create table scheduling.waiting (
    id           uuid primary key default gen_random_uuid(),
    candidate_id uuid not null references assessments.candidates,
    unit_id      uuid not null references assessments.units,
    centres      uuid[],                       -- null: every centre
    languages    text[] not null,
    earliest     date not null,
    latest       date,                         -- null: however late
    mornings     int[] not null,               -- weekdays (1 = Monday … 7 = Sunday) on which a test may begin before noon
    afternoons   int[] not null,               -- and from noon on
    joined_at    timestamptz not null,
    left_at      timestamptz,
    leaving      text check (leaving in ('withdrawn', 'booked')),
    check ((left_at is null) = (leaving is null)),
    check (languages <@ array['fr', 'nl', 'en', 'de'] and array[1, 2, 3, 4, 5, 6, 7] @> (mornings || afternoons)),
    constraint waiting_for_nothing check (
        languages <> '{}' and (centres is null or centres <> '{}') and (mornings || afternoons) <> '{}'
        and (latest is null or latest >= earliest))
);
create unique index already_waiting on scheduling.waiting (candidate_id, unit_id) where left_at is null;
create index on scheduling.waiting (unit_id) where left_at is null;

-- An offer is a hold that the list gave: it takes the seat until it is accepted, declined or over.
alter table scheduling.bookings add column waiting_id uuid references scheduling.waiting;
create index on scheduling.bookings (waiting_id) where waiting_id is not null;

-- Who goes before the others, in the order of the configuration (service/booking.toml): 1 goes first.
create table scheduling.priority_groups (
    name     text primary key check (name in ('turned_away', 'cancelled_by_centre', 'jobseeker', 'worker')),
    position int not null unique deferrable check (position > 0)
);
insert into scheduling.priority_groups values ('turned_away', 1), ('cancelled_by_centre', 2);

-- Does a session answer what somebody waits for?
create function scheduling.answers(s scheduling.sessions, w scheduling.waiting) returns boolean language sql stable return
    s.unit_id = w.unit_id and s.language = any (w.languages)
    and (w.centres is null or s.centre_id = any (w.centres))
    and service.day(lower(s.test_time)) between w.earliest and coalesce(w.latest, 'infinity')
    and extract(isodow from lower(s.test_time) at time zone 'Europe/Brussels')::int = any (
        case when (lower(s.test_time) at time zone 'Europe/Brussels')::time < '12:00' then w.mornings else w.afternoons end);

-- A free seat that may be offered: the session is open, the jury complete, the accreditation stands; the room is held anyway.
create function scheduling.offerable(s scheduling.sessions, moment timestamptz) returns boolean language sql stable return
    s.opened_at is not null and s.locked_at is null and s.cancelled_at is null and lower(s.test_time) > moment
    and s.taken - (select count(*) from scheduling.bookings b
                   where b.session_id = s.id and scheduling.lapsed(b, moment)) < s.seats
    and scheduling.jury_complete(s.id) and assessments.accredited(s.centre_id, s.unit_id, s.test_time);

create trigger audit after insert or update or delete on scheduling.waiting
    for each row execute function service.record_change('waiting', 'leaving');
