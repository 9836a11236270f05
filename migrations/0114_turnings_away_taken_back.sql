-- Somebody was turned away by mistake: as after an absence, they have the seat again, and it meets what others have changed
-- since. What stands against taking back anything that was noted on the day is one question, for the guard and for the list of
-- the day, nearest first.
--
-- Rules of a new booking that a seat taken before keeps to (guidance, the wait after a failure, fair use) are not asked again.
create function scheduling.taking_back_refusals(a_booking uuid, moment timestamptz) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return query
    select r.rule from scheduling.bookings b
    join scheduling.sessions s on s.id = b.session_id
    join assessments.candidates c on c.id = b.candidate_id
    cross join lateral (
        select v.position, v.rule from (values
            (1, 'session_over', s.ended_at is not null or s.cancelled_at is not null),
            (2, 'attendance_in_use',
                exists (select from assessments.recordings g where g.booking_id = b.id)
                or exists (select from assessments.recognitions g where g.booking_id = b.id)
                or exists (select from assessments.new_tests n where n.booking_id = b.id)
                or exists (select from scheduling.excuses e where e.booking_id = b.id and e.refused_at is not null)),
            (3, 'candidate_erased', b.released_at is not null and c.erased_at is not null),
            -- One that they took since counts also when its outcome is known.
            (4, 'unit_already_booked', b.released_at is not null and exists (
                select from scheduling.bookings o
                where o.candidate_id = b.candidate_id and o.unit_id = b.unit_id and o.id <> b.id and o.released_at is null
                  and (o.closed_at is null or o.booked_at >= b.released_at) and not scheduling.lapsed(o, moment))),
            (5, 'enrolment_withdrawn', b.released_at is not null and exists (
                select from assessments.enrolments e
                where e.candidate_id = b.candidate_id and e.unit_id = b.unit_id and e.withdrawn_at is not null)),
            (7, 'candidate_busy', b.released_at is not null and exists (
                select from scheduling.bookings o
                where o.candidate_id = b.candidate_id and o.id <> b.id and o.released_at is null and o.during && b.during
                  and not scheduling.lapsed(o, moment))),
            (8, 'session_full', b.released_at is not null and s.seats <= s.taken - (
                select count(*) from scheduling.bookings o where o.session_id = s.id and scheduling.lapsed(o, moment)))
        ) v (position, rule, broken) where v.broken
        union all
        select 6, k from scheduling.booking_conditions(b.candidate_id, b.session_id) k
        where b.released_at is not null and k not in ('guidance_required', 'retake_too_soon', 'too_many_bookings')) r
    where b.id = a_booking order by r.position;
end $$;

-- As in 0105_absences.sql. Whoever has their place again waits for what goes on about them elsewhere (another booking, a
-- withdrawal, an erasure), and then sees it.
create or replace function scheduling.guard_taking_back() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    rule text;
begin
    if old.released_at is not null then
        perform pg_advisory_xact_lock(16, hashtext(old.candidate_id::text));
        perform from assessments.candidates c where c.id = old.candidate_id for key share;
    end if;
    select r into rule from scheduling.taking_back_refusals(old.id, new.changed_at) r limit 1;
    if rule is not null then
        perform service.refuse(rule);
    end if;
    if old.released_at is not null and exists (select from assessments.assessors a where a.id = old.candidate_id)
       and scheduling.assists_elsewhere(old.candidate_id, old.during) then
        perform service.refuse('candidate_busy');
    end if;
    return new;
end $$;

-- Before a seat is given back: lock its session and those in which its candidate holds a seat past its time, in the order of
-- their ids, and release what lapsed in them. Null: there is no such booking.
create function scheduling.hold_to_give_back(a_booking uuid, moment timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    given scheduling.bookings;
begin
    select * into given from scheduling.bookings b where b.id = a_booking;
    perform from scheduling.sessions s
        where s.id = given.session_id or s.id in (
            select h.session_id from scheduling.bookings h
            where h.candidate_id = given.candidate_id and h.confirmed_at is null and h.released_at is null
              and h.held_until <= moment)
        order by s.id for no key update;
    if given.id is not null then
        perform scheduling.expire_holds(moment, given.session_id, given.candidate_id, 100);
    end if;
    return given.session_id;
end $$;

-- What was noted in a session and can be taken back no more, with the rule that stands against it: for who receives there.
create function scheduling.kept_as_noted(a_session uuid, moment timestamptz) returns table (booking_id uuid, rule text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return query
    select b.id, k.rule from scheduling.bookings b
    cross join lateral (select r.rule from scheduling.taking_back_refusals(b.id, moment) r (rule) limit 1) k
    where b.session_id = a_session
      and (b.release in ('no_show', 'turned_away') or b.released_at is null and b.checked_in_at is not null)
      and (service.acting_role() in ('house', 'administrator') or service.receives() and scheduling.is_of_my_centre(a_session));
end $$;
