-- Measures change what is really occupied: extra time widens the booking and its session, a room that can be reached is a
-- condition of the booking, and somebody who takes part (interpreter, reader) is a person who is in one place at a time.

alter table assessments.accommodations add column refused_by uuid;
create unique index accommodation_already_asked on assessments.accommodations (candidate_id, measure)
    where granted_at is null and refused_at is null;

-- The minutes that were granted to a candidate, for a test of that length.
create function scheduling.extra_minutes(a_candidate uuid, test_time tstzrange) returns int language sql stable return
    ceil(extract(epoch from upper(test_time) - lower(test_time)) / 60 * coalesce(
        (select max(a.extra_percent) from assessments.accommodations a
         where a.candidate_id = a_candidate and a.granted_at is not null), 0) / 100)::int;

create function assessments.needs_ground_floor(a_candidate uuid) returns boolean language sql stable return exists (
    select from assessments.accommodations a
    where a.candidate_id = a_candidate and a.measure = 'ground_floor' and a.granted_at is not null);

-- Somebody who takes part beside one candidate, as was granted: no member of the jury, without a vote, but a person in one
-- place at a time.
create table scheduling.companions (
    id          uuid primary key default gen_random_uuid(),
    session_id  uuid not null,
    booking_id  uuid not null references scheduling.bookings,
    assessor_id uuid not null references assessments.assessors,
    measure     text not null check (measure in ('interpreter', 'reader')),
    during      tstzrange not null,
    given_at    timestamptz not null,
    given_by    uuid,
    released_at timestamptz,
    released_by uuid,
    foreign key (session_id, during) references scheduling.sessions (id, occupied) on update cascade,
    constraint companion_busy exclude using gist (assessor_id with =, during with &&) where (released_at is null)
);
create unique index companion_already_found on scheduling.companions (booking_id, measure) where released_at is null;
create index on scheduling.companions (session_id) where released_at is null;

create trigger audit after insert or update or delete on scheduling.companions
    for each row execute function service.record_change('companion', 'during');

-- Who was granted somebody and has nobody yet, in a session.
create function scheduling.companions_missing(a_session uuid) returns boolean language sql stable return exists (
    select from scheduling.bookings b
    join assessments.accommodations a on a.candidate_id = b.candidate_id and a.granted_at is not null
     and a.measure in ('interpreter', 'reader')
    where b.session_id = a_session and b.released_at is null and not exists (
        select from scheduling.companions k
        where k.booking_id = b.id and k.measure = a.measure and k.released_at is null));

-- The same person on a jury, or tested, at that time: the two sides meet under a lock of that person.
create function scheduling.guard_companion() returns trigger language plpgsql as $$
begin
    perform from scheduling.sessions s where s.id = new.session_id for no key update;
    perform pg_advisory_xact_lock(hashtextextended(new.assessor_id::text, 0));
    if new.released_at is null and (
        exists (select from scheduling.jury_seats j where j.assessor_id = new.assessor_id and j.released_at is null
                  and (j.session_id = new.session_id or j.role <> 'manager') and j.during && new.during)
        or exists (select from scheduling.bookings b where b.candidate_id = new.assessor_id and b.released_at is null
                     and b.during && new.during)) then
        perform service.refuse('companion_busy');
    end if;
    if tg_op = 'INSERT' and exists (
            select from scheduling.bookings b where b.id = new.booking_id
              and assessments.conflict(new.assessor_id, b.candidate_id, 'companion')) then
        perform service.refuse('assessor_knows_candidate');
    end if;
    return new;
end $$;
create trigger guard before insert or update of during on scheduling.companions
    for each row execute function scheduling.guard_companion();

create function scheduling.guard_seat_of_companion() returns trigger language plpgsql as $$
begin
    if new.role <> 'manager' or exists (select from scheduling.companions k where k.session_id = new.session_id) then
        perform pg_advisory_xact_lock(hashtextextended(new.assessor_id::text, 0));
        if exists (select from scheduling.companions k where k.assessor_id = new.assessor_id and k.released_at is null
                     and (k.session_id = new.session_id or new.role <> 'manager') and k.during && new.during) then
            perform service.refuse('assessor_busy');
        end if;
    end if;
    return new;
end $$;
create trigger guard_companion before insert or update of during on scheduling.jury_seats
    for each row when (new.released_at is null) execute function scheduling.guard_seat_of_companion();

-- The rooms of a session and what was granted to its candidates, whichever came first.
create function scheduling.guard_room() returns trigger language plpgsql as $$
begin
    if new.cancelled_at is null and exists (
            select from scheduling.rooms r where r.id = new.room_id and not r.accessible)
       and exists (select from scheduling.bookings b where b.session_id = new.id and b.released_at is null
                     and assessments.needs_ground_floor(b.candidate_id)) then
        perform service.refuse('room_not_accessible');
    end if;
    return null;
end $$;
create trigger guard_room after update of room_id on scheduling.sessions
    for each row when (old.room_id <> new.room_id) execute function scheduling.guard_room();

-- A list is closed once everybody who was granted a companion has one.
create function scheduling.guard_companions() returns trigger language plpgsql as $$
begin
    if scheduling.companions_missing(new.id) then
        perform service.refuse('companion_missing');
    end if;
    return null;
end $$;
create trigger guard_companions after update of locked_at on scheduling.sessions
    for each row when (old.locked_at is null and new.locked_at is not null) execute function scheduling.guard_companions();

-- A measure granted while a booking is under way: the booking waits for the candidate's row (which granting locks), and
-- then finds that it reckoned with less time. It is asked again: the same booking with the right time may well succeed.
create function scheduling.guard_measures() returns trigger language plpgsql as $$
begin
    perform from assessments.candidates c where c.id = new.candidate_id for key share;
    if new.extra_minutes < scheduling.extra_minutes(new.candidate_id, new.test_time) then
        raise exception 'a measure was granted meanwhile' using errcode = 'serialization_failure';
    end if;
    return new;
end $$;
create trigger guard_measures before insert on scheduling.bookings
    for each row execute function scheduling.guard_measures();

-- With one condition more than before: a room that can be reached.
create or replace function scheduling.booking_conditions(a_candidate uuid, a_session uuid) returns setof text
language sql stable begin atomic
    select r.rule from scheduling.sessions s
    join assessments.units u on u.id = s.unit_id
    join assessments.trades t on t.id = u.trade_id
    join assessments.schemes sc on sc.code = t.scheme
    join assessments.candidates c on c.id = a_candidate
    cross join lateral (values
        (1, 'candidate_too_young',
            c.birth_date + make_interval(years => sc.minimum_age) > service.day(lower(s.test_time))),
        (2, 'titre_already_held', exists (
            select from certificates.register k
            where k.candidate_id = c.id and k.unit_id = u.id and k.withdrawn_at is null)),
        (3, 'guidance_required', sc.failures_before_guidance > 0
            and assessments.failures_since_guidance(c.id, u.id) >= sc.failures_before_guidance),
        (4, 'assessor_knows_candidate', exists (
            select from scheduling.jury_seats j where j.session_id = s.id and j.released_at is null
              and (j.assessor_id = c.id or assessments.conflict(j.assessor_id, c.id, j.role)))),
        (5, 'too_many_bookings',
            scheduling.places_held(c.id) >= (select f.most_bookings from scheduling.fair_use f)),
        (6, 'room_not_accessible', assessments.needs_ground_floor(c.id) and exists (
            select from scheduling.rooms m where m.id = s.room_id and not m.accessible))
    ) as r (position, rule, broken)
    where s.id = a_session and r.broken order by r.position;
end;
