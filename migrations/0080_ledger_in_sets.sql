-- The ledger in sets: what one booking asks of PostgreSQL, several that share a round trip ask together.
--
-- The rules of a booking stand at the end of its statement instead of at each row. They are the same rules under the same
-- locks; one of them is put so that it reads the same before and after the insert.

-- Coming places that a person holds beside one in this session; null: all of them.
create function scheduling.places_beside(a_candidate uuid, a_session uuid) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return (select count(*) from scheduling.bookings b
            where b.candidate_id = any (array[a_candidate]) and b.session_id is distinct from a_session and b.released_at is null
              and b.attended_at is null and b.closed_at is null);
end $$;

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
            where k.candidate_id = c.id and k.unit_id = u.id and k.withdrawn_at is null and certificates.is_whole(k))),
        (3, 'guidance_required', sc.failures_before_guidance > 0
            and assessments.failures_since_guidance(c.id, u.id) >= sc.failures_before_guidance),
        (4, 'retake_too_soon', sc.retake_wait_days > 0
            and service.day(lower(s.test_time)) <= assessments.retake_from(c.id, u.id, sc.retake_wait_days)),
        (5, 'assessor_knows_candidate', exists (
            select from scheduling.jury_seats j where j.session_id = s.id and j.released_at is null
              and (j.assessor_id = c.id or assessments.conflict(j.assessor_id, c.id, j.role)))),
        (6, 'too_many_bookings',
            scheduling.places_beside(c.id, s.id) >= (select f.most_bookings from scheduling.fair_use f)),
        (7, 'room_not_accessible', assessments.needs_ground_floor(c.id) and exists (
            select from scheduling.rooms m where m.id = s.room_id and not m.accessible))
    ) as r (position, rule, broken)
    where s.id = a_session and r.broken order by r.position;
end;
drop function scheduling.places_held;

-- What a rule asks of other tables, compiled once for a connection: a function in SQL with a subquery is never put into its
-- caller, but planned again with each statement (migrations/0054_lean_guards.sql).
create or replace function assessments.conflict(an_assessor uuid, a_candidate uuid, a_role text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return exists (
        select from assessments.links l
        where l.candidate_id = a_candidate and l.assessor_id = an_assessor and l.ended_at is null
          and (l.kind <> 'teaching' or a_role <> 'evaluator'));
end $$;

create or replace function assessments.failures_since_guidance(a_candidate uuid, a_unit uuid) returns int
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return (
        select count(*)::int from assessments.decisions d
        where d.candidate_id = a_candidate and d.unit_id = a_unit and d.outcome = 'fail'
          and d.released_at is not null and d.superseded_at is null
          and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id)
          and d.released_at > coalesce((select e.guided_at from assessments.enrolments e
                                        where e.candidate_id = a_candidate and e.unit_id = a_unit), '-infinity'));
end $$;

create or replace function assessments.qualified(an_assessor uuid, a_trade uuid, a_role text, during tstzrange) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return exists (
        select from assessments.qualifications q
        where q.assessor_id = an_assessor and q.trade_id = a_trade and q.role = a_role
          and q.valid @> service.day(lower(during)));
end $$;

create or replace function assessments.accredited(a_centre uuid, a_unit uuid, during tstzrange) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return (
        select not s.needs_accreditation or exists (
            select from assessments.accreditations a
            where a.centre_id = a_centre and a.trade_id = t.id
              and a.valid @> daterange(service.day(lower(during)), service.day(upper(during)), '[]'))
        from assessments.units u join assessments.trades t on t.id = u.trade_id join assessments.schemes s on s.code = t.scheme
        where u.id = a_unit);
end $$;

-- Someone who is assessor and candidate, and sits on a jury or takes part beside a candidate at that time; between two tests
-- the constraint has the last word.
create function scheduling.assists_elsewhere(person uuid, at tstzrange) returns boolean language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(person::text, 0));
    return exists (select from scheduling.jury_seats j where j.assessor_id = person and j.released_at is null
                     and j.role <> 'manager' and j.during && at)
        or exists (select from scheduling.companions k where k.assessor_id = person and k.released_at is null
                     and k.during && at);
end $$;

-- New bookings, after they were written and before anybody is told. Locks, each in the order of the candidates: two
-- bookings of one person wait for each other, so that the second counts the first; and the candidate's row, so that an
-- erasure, a measure or a tie under way is waited for, and then seen.
create function scheduling.guard_bookings() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    broken text;
begin
    perform pg_advisory_xact_lock(16, o.person)
        from (select hashtext(f.candidate_id::text) as person from fresh f order by 1) o;
    perform from assessments.candidates c
        where c.id in (select f.candidate_id from fresh f) order by c.id for key share;
    select r into broken from fresh f cross join lateral scheduling.booking_conditions(f.candidate_id, f.session_id) r limit 1;
    if broken is not null then
        perform service.refuse(broken);
    end if;
    perform from (select f.candidate_id, f.during from fresh f join assessments.assessors a on a.id = f.candidate_id
                  order by f.candidate_id offset 0) o
        where scheduling.assists_elsewhere(o.candidate_id, o.during);
    if found then
        perform service.refuse('candidate_busy');
    end if;
    if exists (select from fresh f join assessments.candidates c on c.id = f.candidate_id where c.erased_at is not null) then
        perform service.refuse('candidate_erased');
    end if;
    if exists (select from fresh f where f.extra_minutes < scheduling.extra_minutes(f.candidate_id, f.test_time)) then
        -- Asked again, the same booking with the right time may well succeed.
        raise exception 'a measure was granted meanwhile' using errcode = 'serialization_failure';
    end if;
    return null;
end $$;
create trigger guard_new after insert on scheduling.bookings
    referencing new table as fresh for each statement execute function scheduling.guard_bookings();

drop trigger fair_use on scheduling.bookings;
drop trigger guard on scheduling.bookings;
drop trigger guard_erased on scheduling.bookings;
drop trigger guard_measures on scheduling.bookings;
drop function scheduling.wait_for_own_bookings, scheduling.guard_booking, scheduling.guard_measures;

-- A session's counter moves with every booking; the rules of a session do not depend on it.
drop trigger guard on scheduling.sessions;
create trigger guard before insert or update of centre_id, room_id, unit_id, standard_id, test_time, opened_at, locked_at, started_at
    on scheduling.sessions for each row execute function scheduling.guard_session();

-- The audit trail of what is added in sets; changes and removals stay with service.record_change, whose words these are.
-- The actor is that of the unit of work, or of each candidate's own row where it acts for several.
create function service.record_additions() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into service.audit (actor, role, action, centre_id, subject, subject_id, candidate_id, changes)
    select coalesce(nullif(current_setting('preuve.actor', true), ''),
                    nullif(current_setting('preuve.actors', true), '')::jsonb ->> (x.fact ->> 'candidate_id'))::uuid,
           nullif(current_setting('preuve.role', true), ''), tg_argv[0] || '.added', s.centre_id,
           tg_table_schema || '.' || tg_table_name, (x.fact ->> 'id')::uuid, (x.fact ->> 'candidate_id')::uuid,
           coalesce((select jsonb_object_agg(c.key, case
                         when right(c.key, 3) not in ('_at', '_by', '_id') and c.key <> all (tg_argv) then '[]'
                         else jsonb_build_array(null, c.value) end)
                     from jsonb_each(x.fact - '{id,changed_at,sequence,occupied,taken,extra_minutes}'::text[]) c), '{}')
    from (select jsonb_strip_nulls(to_jsonb(f)) as fact from fresh f offset 0) x
    left join scheduling.sessions s on s.id = (x.fact ->> 'session_id')::uuid;
    return null;
end $$;

drop trigger audit on scheduling.bookings;
create trigger audit after update or delete on scheduling.bookings
    for each row execute function service.record_change('booking', 'test_time', 'release');
create trigger audit_new after insert on scheduling.bookings
    referencing new table as fresh for each statement execute function service.record_additions('booking', 'test_time', 'release');
drop trigger audit on assessments.enrolments;
create trigger audit after update or delete on assessments.enrolments
    for each row execute function service.record_change('enrolment');
create trigger audit_new after insert on assessments.enrolments
    referencing new table as fresh for each statement execute function service.record_additions('enrolment');
