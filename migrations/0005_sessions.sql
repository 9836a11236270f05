-- When: sessions with their room, equipment, jury and candidates. No overlap and no overbooking, by constraint.
--
-- A session's times are its key: reservations, jury seats and bookings carry a copy through "on update cascade", so that
-- moving a session is one update which PostgreSQL accepts only if every room, thing and person is free.

-- Adding minutes does not depend on the time zone, hence immutable, hence usable in a generated column.
create function scheduling.widened(during tstzrange, before_minutes int, after_minutes int) returns tstzrange
language sql immutable strict parallel safe return
    tstzrange(lower(during) - make_interval(mins => before_minutes),
              upper(during) + make_interval(mins => after_minutes), '[)');

create table scheduling.sessions (
    id               uuid primary key default gen_random_uuid(),
    centre_id        uuid not null references scheduling.centres,
    room_id          uuid not null,
    unit_id          uuid not null references assessments.units,
    standard_id      uuid not null,
    language         service.language not null,
    test_time        tstzrange not null check (
        lower(test_time) < upper(test_time) and lower_inc(test_time) and not upper_inc(test_time)
        and isfinite(lower(test_time)) and isfinite(upper(test_time))),
    setup_minutes    int not null check (setup_minutes >= 0),
    teardown_minutes int not null check (teardown_minutes >= 0),
    extra_minutes    int not null default 0 check (extra_minutes >= 0),     -- the longest extra time of a candidate
    occupied         tstzrange not null generated always as (
        scheduling.widened(test_time, setup_minutes, extra_minutes + teardown_minutes)) stored,
    seats            int not null check (seats > 0),
    taken            int not null default 0,
    sequence         int not null default 0,      -- iCalendar: grows with each change of time, place or status
    planned_at       timestamptz not null,
    planned_by       uuid,
    opened_at        timestamptz,
    opened_by        uuid,
    locked_at        timestamptz,
    locked_by        uuid,
    started_at       timestamptz,
    started_by       uuid,
    ended_at         timestamptz,
    ended_by         uuid,
    closed_at        timestamptz,
    cancelled_at     timestamptz,
    cancelled_by     uuid,
    cancellation     text,
    changed_at       timestamptz not null,
    constraint session_full check (taken between 0 and seats),
    constraint room_busy exclude using gist (room_id with =, occupied with &&) where (cancelled_at is null),
    constraint cancellation_unmotivated check (cancelled_at is null or coalesce(btrim(cancellation), '') <> ''),
    check (locked_at is null or opened_at is not null),
    check (started_at is null or locked_at is not null),
    check (ended_at is null or started_at is not null),
    check (closed_at is null or ended_at is not null),
    check (cancelled_at is null or started_at is null),
    foreign key (room_id, centre_id) references scheduling.rooms (id, centre_id),
    foreign key (standard_id, unit_id) references assessments.standards (id, unit_id),
    unique (id, occupied),
    unique (id, unit_id, test_time)
);
comment on constraint room_busy on scheduling.sessions is 'Set-up, extra time and tear-down included; cancelled sessions give the room back.';
create index on scheduling.sessions (centre_id, lower(test_time));
create index sessions_bookable on scheduling.sessions (lower(test_time), unit_id)
    where opened_at is not null and locked_at is null and cancelled_at is null;

create table scheduling.equipment_reservations (
    id           uuid primary key default gen_random_uuid(),
    session_id   uuid not null,
    equipment_id uuid not null references scheduling.equipment,
    during       tstzrange not null,
    released_at  timestamptz,
    foreign key (session_id, during) references scheduling.sessions (id, occupied) on update cascade,
    constraint equipment_busy exclude using gist (equipment_id with =, during with &&) where (released_at is null)
);
create index on scheduling.equipment_reservations (session_id) where released_at is null;

-- The manager comes for the deliberation only, so two tests at the same time may share one.
create table scheduling.jury_seats (
    id          uuid primary key default gen_random_uuid(),
    session_id  uuid not null,
    assessor_id uuid not null references assessments.assessors,
    role        text not null check (role in ('evaluator', 'observer', 'manager')),
    during      tstzrange not null,
    given_at    timestamptz not null,
    given_by    uuid,
    released_at timestamptz,
    released_by uuid,
    foreign key (session_id, during) references scheduling.sessions (id, occupied) on update cascade,
    constraint assessor_busy exclude using gist (assessor_id with =, during with &&)
        where (released_at is null and role <> 'manager')
);
create unique index assessor_already_seated on scheduling.jury_seats (session_id, assessor_id) where released_at is null;
create unique index manager_already_seated on scheduling.jury_seats (session_id)
    where released_at is null and role = 'manager';
create index on scheduling.jury_seats (assessor_id, lower(during)) where released_at is null;

create table scheduling.bookings (
    id                 uuid primary key default gen_random_uuid(),
    session_id         uuid not null,
    unit_id            uuid not null,
    test_time          tstzrange not null,
    candidate_id       uuid not null references assessments.candidates,
    extra_minutes      int not null default 0 check (extra_minutes >= 0),
    during             tstzrange not null generated always as (scheduling.widened(test_time, 0, extra_minutes)) stored,
    booked_at          timestamptz not null,
    booked_by          uuid,
    convoked_at        timestamptz,
    checked_in_at      timestamptz,          -- identity seen
    checked_in_by      uuid,
    contract_signed_at timestamptz,          -- contrat d'épreuve: the accident insurance
    attended_at        timestamptz,
    closed_at          timestamptz,          -- its outcome is known
    released_at        timestamptz,          -- its seat is free again
    released_by        uuid,
    release            text check (release in ('cancelled_early', 'cancelled_late', 'cancelled_by_centre', 'no_show',
                                               'excused', 'turned_away', 'expired')),
    sequence           int not null default 0,
    changed_at         timestamptz not null,
    check ((released_at is null) = (release is null)),
    check (released_at is null or attended_at is null),
    check (attended_at is null or checked_in_at is not null),
    constraint contract_unsigned check (attended_at is null or contract_signed_at is not null),
    foreign key (session_id, unit_id, test_time) references scheduling.sessions (id, unit_id, test_time) on update cascade
);
-- In this order: who books the same session twice is told of the booking they have, not of a clash with themselves.
create unique index unit_already_booked on scheduling.bookings (candidate_id, unit_id)
    where released_at is null and closed_at is null;
alter table scheduling.bookings add constraint candidate_busy
    exclude using gist (candidate_id with =, during with &&) where (released_at is null);
create index on scheduling.bookings (session_id);
create index on scheduling.bookings (candidate_id);

-- Seats ≤ min(stations, evaluators × candidates per evaluator, equipment). Null: the standard needs no equipment.
create function scheduling.capacity(a_session uuid) returns int language sql stable return (
    select least(r.stations,
        (select count(*) from scheduling.jury_seats j
          where j.session_id = s.id and j.role = 'evaluator' and j.released_at is null) * st.candidates_per_evaluator,
        case when st.equipment_kind is not null then
            (select count(*) from scheduling.equipment_reservations q join scheduling.equipment e on e.id = q.equipment_id
              where q.session_id = s.id and q.released_at is null and e.kind = st.equipment_kind) end)::int
    from scheduling.sessions s
    join scheduling.rooms r on r.id = s.room_id
    join assessments.standards st on st.id = s.standard_id
    where s.id = a_session);
