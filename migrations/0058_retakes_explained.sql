-- The wait that a scheme asks for after a failure is one of the rules that a search explains, and that the waiting list
-- reckons with: before, such a person counted as willing, was tried and refused by the guard (0063) at each beat, and the
-- audit found a free seat beside them.

-- From which day on a candidate may take the unit of a session again; null where nothing makes them wait. In plpgsql,
-- because what it reads comes with later files.
create function scheduling.retake_day(a_candidate uuid, a_session uuid) returns date language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select assessments.retake_from(a_candidate, s.unit_id, k.retake_wait_days) + 1
            from scheduling.sessions s
            join assessments.units u on u.id = s.unit_id
            join assessments.trades t on t.id = u.trade_id
            join assessments.schemes k on k.code = t.scheme
            where s.id = a_session and k.retake_wait_days > 0);
end $$;

create or replace function scheduling.booking_refusals(a_candidate uuid, a_session uuid, moment timestamptz)
returns setof text language sql stable security definer set search_path = pg_catalog, pg_temp begin atomic
    select r.rule from (
        select 1 as position, 'session_not_open' as rule from scheduling.sessions s
            where s.id = a_session and not (s.opened_at is not null and s.locked_at is null
                                            and s.cancelled_at is null and lower(s.test_time) > moment)
        union all
        select 2, 'unit_already_booked' from scheduling.sessions s join scheduling.bookings b on b.unit_id = s.unit_id
            where s.id = a_session and b.candidate_id = a_candidate and b.released_at is null and b.closed_at is null
              and not scheduling.lapsed(b, moment)
        union all
        select 3, condition from scheduling.booking_conditions(a_candidate, a_session) condition
        union all
        select 4, 'retake_too_soon' from scheduling.sessions s
            where s.id = a_session and service.day(lower(s.test_time)) < scheduling.retake_day(a_candidate, s.id)
        union all
        select 5, 'candidate_busy' from scheduling.sessions s
            where s.id = a_session and exists (
                select from scheduling.bookings b
                where b.candidate_id = a_candidate and b.released_at is null and b.session_id <> s.id
                  and b.during && s.test_time and not scheduling.lapsed(b, moment))
        union all
        select 6, 'session_full' from scheduling.sessions s
            where s.id = a_session and s.taken >= s.seats and s.taken - (
                select count(*) from scheduling.bookings b
                where b.session_id = s.id and scheduling.lapsed(b, moment)) >= s.seats
    ) r order by r.position;
end;
