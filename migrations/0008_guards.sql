-- The rules that look at more than one row. Each takes the lock under which it stays true, then reads, then refuses by
-- name. In a volatile PL/pgSQL function every statement sees what the others have committed meanwhile.

-- Lock order everywhere: session, then candidate or assessor.

create function scheduling.guard_session() returns trigger language plpgsql as $$
declare
    local_start timestamp := lower(new.test_time) at time zone 'Europe/Brussels';
    local_end   timestamp := upper(new.test_time) at time zone 'Europe/Brussels';
begin
    if new.cancelled_at is not null then
        return new;
    end if;
    if tg_op = 'INSERT' or new.test_time <> old.test_time or new.room_id <> old.room_id then
        if exists (select from scheduling.closures c
                   where c.centre_id = new.centre_id and (c.room_id is null or c.room_id = new.room_id)
                     and c.during && new.test_time)
           or not exists (select from scheduling.opening_hours h
                          where h.room_id = new.room_id and h.weekday = extract(isodow from local_start)
                            and local_start::date = local_end::date
                            and h.opens <= local_start::time and h.closes >= local_end::time) then
            perform service.refuse('room_closed');
        end if;
        if not exists (select from scheduling.rooms r join assessments.standards st on st.room_kind = r.kind
                       where r.id = new.room_id and st.id = new.standard_id and r.retired_at is null) then
            perform service.refuse('room_unsuitable');
        end if;
    end if;
    if new.opened_at is not null and (tg_op = 'INSERT' or old.opened_at is null
            or (new.locked_at is not null and old.locked_at is null) or new.test_time <> old.test_time)
       and not assessments.accredited(new.centre_id, new.unit_id, new.test_time) then
        perform service.refuse('accreditation_missing');
    end if;
    if tg_op = 'UPDATE' and new.test_time <> old.test_time then
        perform scheduling.guard_move(new.id, new.unit_id, new.test_time);
    end if;
    if new.locked_at is not null and (tg_op = 'INSERT' or old.locked_at is null) and not scheduling.jury_complete(new.id) then
        perform service.refuse('jury_incomplete');
    end if;
    if new.started_at is not null and (tg_op = 'INSERT' or old.started_at is null) and exists (
            select from scheduling.bookings b where b.session_id = new.id and b.released_at is null
              and (b.checked_in_at is null or b.contract_signed_at is null)) then
        perform service.refuse('contract_unsigned');
    end if;
    return new;
end $$;

-- Enough evaluators and observers, the manager if the scheme wants one, and every one of them still qualified.
create function scheduling.jury_complete(a_session uuid) returns boolean language sql stable return (
    select count(*) filter (where j.role = 'evaluator') >= max(sc.evaluators_min)
       and count(*) filter (where j.role = 'observer') >= max(sc.observers_min)
       and count(*) filter (where j.role = 'manager') >= max(sc.manager_required::int)
       and coalesce(bool_and(j.role is null or j.role = 'manager' or assessments.qualified(j.assessor_id, t.id, j.role, s.test_time)), false)
    from scheduling.sessions s
    join assessments.units u on u.id = s.unit_id
    join assessments.trades t on t.id = u.trade_id
    join assessments.schemes sc on sc.code = t.scheme
    left join scheduling.jury_seats j on j.session_id = s.id and j.released_at is null
    where s.id = a_session);

-- What was true of the people on the old day must be true on the new one. Overlaps are the constraints' business.
create function scheduling.guard_move(a_session uuid, a_unit uuid, new_time tstzrange) returns void language plpgsql as $$
begin
    if exists (select from scheduling.jury_seats j join assessments.units u on u.id = a_unit
               where j.session_id = a_session and j.released_at is null and j.role <> 'manager'
                 and not assessments.qualified(j.assessor_id, u.trade_id, j.role, new_time)) then
        perform service.refuse('assessor_unqualified');
    end if;
    if exists (select from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id
               join assessments.units u on u.id = a_unit join assessments.trades t on t.id = u.trade_id
               join assessments.schemes k on k.code = t.scheme
               where b.session_id = a_session and b.released_at is null
                 and c.birth_date + make_interval(years => k.minimum_age) > service.day(lower(new_time))) then
        perform service.refuse('candidate_too_young');
    end if;
end $$;

create trigger guard before insert or update on scheduling.sessions
    for each row execute function scheduling.guard_session();

-- Seats within capacity, once a session is open: at commit, so that an evaluator or a pod may be replaced in between.
create function scheduling.guard_capacity() returns trigger language plpgsql as $$
declare
    the_session uuid := case tg_table_name when 'sessions' then (to_jsonb(new) ->> 'id')::uuid
                                           else (to_jsonb(new) ->> 'session_id')::uuid end;
begin
    if exists (select from scheduling.sessions s
               where s.id = the_session and s.opened_at is not null and s.ended_at is null and s.cancelled_at is null
                 and s.seats > scheduling.capacity(s.id)) then
        perform service.refuse('seats_exceed_capacity');
    end if;
    return null;
end $$;
create constraint trigger guard_capacity after insert or update of seats, opened_at, room_id, standard_id on scheduling.sessions
    deferrable initially deferred for each row execute function scheduling.guard_capacity();
create constraint trigger guard_capacity after insert or update of released_at on scheduling.jury_seats
    deferrable initially deferred for each row execute function scheduling.guard_capacity();
create constraint trigger guard_capacity after insert or update of released_at on scheduling.equipment_reservations
    deferrable initially deferred for each row execute function scheduling.guard_capacity();

create function scheduling.guard_reservation() returns trigger language plpgsql as $$
begin
    if not exists (select from scheduling.equipment e join scheduling.sessions s on s.id = new.session_id
                   where e.id = new.equipment_id and e.centre_id = s.centre_id and e.retired_at is null) then
        perform service.refuse('equipment_unsuitable');
    end if;
    return new;
end $$;
create trigger guard before insert on scheduling.equipment_reservations
    for each row execute function scheduling.guard_reservation();

-- Jury: qualified that day, speaks the session's language, observer from outside, no tie with a booked candidate.
create function scheduling.guard_jury_seat() returns trigger language plpgsql as $$
declare
    s record;
begin
    select x.*, u.trade_id into s from scheduling.sessions x join assessments.units u on u.id = x.unit_id
        where x.id = new.session_id for no key update of x;
    perform from assessments.assessors a where a.id = new.assessor_id for key share;
    if s.cancelled_at is not null or s.ended_at is not null then
        perform service.refuse('session_over');
    end if;
    if new.role <> 'manager' and not assessments.qualified(new.assessor_id, s.trade_id, new.role, s.test_time) then
        perform service.refuse('assessor_unqualified');
    end if;
    if new.role <> 'manager' and not exists (select from assessments.assessors a
            where a.id = new.assessor_id and s.language = any (a.languages)) then
        perform service.refuse('language_not_spoken');
    end if;
    if new.role = 'observer' and exists (select from assessments.assessors a
            where a.id = new.assessor_id and a.centre_id = s.centre_id) then
        perform service.refuse('observer_not_external');
    end if;
    if new.role = 'manager' and not exists (select from assessments.assessors a
            where a.id = new.assessor_id and a.centre_id = s.centre_id) then
        perform service.refuse('manager_not_of_centre');
    end if;
    if exists (select from scheduling.bookings b where b.session_id = new.session_id and b.released_at is null
                 and (b.candidate_id = new.assessor_id or assessments.conflict(new.assessor_id, b.candidate_id, new.role))) then
        perform service.refuse('assessor_knows_candidate');
    end if;
    if new.role <> 'manager' and scheduling.one_person_elsewhere(new.assessor_id, new.during) then
        perform service.refuse('assessor_busy');
    end if;
    return new;
end $$;
create trigger guard before insert on scheduling.jury_seats
    for each row execute function scheduling.guard_jury_seat();

-- Someone who is both assessor and candidate is still in one place only. Rare, so the two sides meet under a lock of
-- that person instead of a third table.
create function scheduling.one_person_elsewhere(person uuid, at tstzrange) returns boolean language plpgsql as $$
begin
    if not exists (select from assessments.assessors where id = person)
       or not exists (select from assessments.candidates where id = person) then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtextextended(person::text, 0));
    return exists (select from scheduling.bookings b where b.candidate_id = person and b.released_at is null and b.during && at)
        or exists (select from scheduling.jury_seats j where j.assessor_id = person and j.released_at is null
                     and j.role <> 'manager' and j.during && at);
end $$;

-- What stands between a candidate and a session beyond seats and time: the same rules explain a search result
-- (scheduling.booking_refusals) and guard the insert.
create function scheduling.booking_conditions(a_candidate uuid, a_session uuid) returns setof text
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
              and (j.assessor_id = c.id or assessments.conflict(j.assessor_id, c.id, j.role))))
    ) as r (position, rule, broken)
    where s.id = a_session and r.broken order by r.position;
end;

create function scheduling.guard_booking() returns trigger language plpgsql as $$
declare
    rule text;
begin
    perform from assessments.candidates c where c.id = new.candidate_id for key share;
    select r into rule from scheduling.booking_conditions(new.candidate_id, new.session_id) r limit 1;
    if rule is not null then
        perform service.refuse(rule);
    end if;
    if scheduling.one_person_elsewhere(new.candidate_id, scheduling.widened(new.test_time, 0, new.extra_minutes)) then
        perform service.refuse('candidate_busy');
    end if;
    return new;
end $$;
create trigger guard before insert on scheduling.bookings
    for each row execute function scheduling.guard_booking();

-- A tie declared last is refused while both are in the same coming session: the seat has to change hands first.
-- Locking both persons makes a booking or a jury seat that is under way wait, or be seen.
create function assessments.guard_link() returns trigger language plpgsql as $$
begin
    perform from assessments.assessors a where a.id = new.assessor_id for update;
    perform from assessments.candidates c where c.id = new.candidate_id for update;
    if exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
               join scheduling.sessions s on s.id = b.session_id
               where b.candidate_id = new.candidate_id and j.assessor_id = new.assessor_id
                 and b.released_at is null and j.released_at is null and s.ended_at is null and s.cancelled_at is null
                 and (new.kind <> 'teaching' or j.role <> 'evaluator')) then
        perform service.refuse('link_in_jury');
    end if;
    return new;
end $$;
create trigger guard before insert on assessments.links for each row execute function assessments.guard_link();

-- All that stands between a candidate and a session at a moment, nearest first: the search's "why not".
create function scheduling.booking_refusals(a_candidate uuid, a_session uuid, moment timestamptz) returns setof text
language sql stable begin atomic
    select r.rule from (
        select 1 as position, 'session_not_open' as rule from scheduling.sessions s
            where s.id = a_session and not (s.opened_at is not null and s.locked_at is null
                                            and s.cancelled_at is null and lower(s.test_time) > moment)
        union all
        select 2, 'unit_already_booked' from scheduling.sessions s join scheduling.bookings b on b.unit_id = s.unit_id
            where s.id = a_session and b.candidate_id = a_candidate and b.released_at is null and b.closed_at is null
        union all
        select 3, condition from scheduling.booking_conditions(a_candidate, a_session) condition
        union all
        select 4, 'candidate_busy' from scheduling.sessions s
            where s.id = a_session and exists (
                select from scheduling.bookings b
                where b.candidate_id = a_candidate and b.released_at is null and b.session_id <> s.id
                  and b.during && s.test_time)
        union all
        select 5, 'session_full' from scheduling.sessions s where s.id = a_session and s.taken >= s.seats
    ) r order by r.position;
end;
