-- The search at once: a list of places is read from the sessions alone, and why a candidate cannot have one of them is
-- asked for all of them together. Both are planned once for a connection: to plan them again took longer than to answer.

-- Soonest first, and where several begin together always in the same order.
create index sessions_soonest on scheduling.sessions (lower(test_time), id)
    where opened_at is not null and locked_at is null and cancelled_at is null;

-- What is shown of a place beside its session (units, rooms and where they are) is the same for weeks: each process keeps
-- it for as long as this stays the same. Drawn by chance and not counted: what was rolled back never comes again.
create table scheduling.surroundings (
    id      boolean primary key default true check (id),
    version uuid not null default gen_random_uuid()
);
insert into scheduling.surroundings default values;
select service.protect('scheduling.surroundings');
create policy public on scheduling.surroundings for select to preuve_application
    using ((select service.acting_role()) is not null);

create function scheduling.surroundings_change() returns trigger language plpgsql as $$
begin
    update scheduling.surroundings set version = gen_random_uuid();
    return null;
end $$;
create trigger surroundings after insert or update or delete or truncate on scheduling.centres
    for each statement execute function scheduling.surroundings_change();
create trigger surroundings after insert or update or delete or truncate on scheduling.sites
    for each statement execute function scheduling.surroundings_change();
create trigger surroundings after insert or update or delete or truncate on scheduling.rooms
    for each statement execute function scheduling.surroundings_change();
create trigger surroundings after insert or update or delete or truncate on assessments.units
    for each statement execute function scheduling.surroundings_change();
create trigger surroundings after insert or update or delete or truncate on assessments.trades
    for each statement execute function scheduling.surroundings_change();

-- What a reader sees, as text: while it stays the same, nothing was committed, and the same question has the same answer.
create function service.snapshot() returns text language sql stable return
    pg_postmaster_start_time()::text || pg_current_snapshot()::text;

-- All that stands between a candidate and each of some sessions at a moment, nearest first; a session in whose way nothing
-- stands is left out. What is true of the candidate is asked once. The rules are those of scheduling.booking_conditions,
-- which guards the insert one booking at a time: tests/scheduling/test_refusals.py holds the two against each other. In
-- plpgsql, because some of them come with later files.
create function scheduling.refusals_of(a_candidate uuid, asked uuid[], moment timestamptz)
returns table (session_id uuid, rules text[]) language plpgsql stable strict security definer rows 50
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    born date := (select c.birth_date from assessments.candidates c where c.id = a_candidate);
    needs_lift boolean := assessments.needs_ground_floor(a_candidate);
    most_places int := (select f.most_bookings from scheduling.fair_use f);
    has_enough boolean := scheduling.places_beside(a_candidate, null) >= most_places;
    -- Whom of a jury the candidate may not meet: themselves, and who has a tie; a teacher does as an evaluator.
    never uuid[] := array(select a.id from assessments.assessors a where a.id = a_candidate
                          union all select l.assessor_id from assessments.links l
                          where l.candidate_id = a_candidate and l.ended_at is null and l.kind <> 'teaching');
    teachers uuid[] := array(select l.assessor_id from assessments.links l
                             where l.candidate_id = a_candidate and l.ended_at is null and l.kind = 'teaching');
    titres uuid[] := array(select k.unit_id from certificates.register k
                           where k.candidate_id = a_candidate and k.withdrawn_at is null and certificates.is_whole(k));
    failed uuid[] := array(select distinct d.unit_id from assessments.decisions d
                           where d.candidate_id = a_candidate and d.outcome = 'fail');
begin
    return query
    with mine as materialized (
        select b.session_id, b.unit_id, b.during, b.closed_at from scheduling.bookings b
        where b.candidate_id = any (array[a_candidate]) and b.released_at is null and not scheduling.lapsed(b, moment)),
    said as (
        select s.id, lower(s.test_time) as starts_at, array_remove(array[
            case when s.opened_at is null or s.locked_at is not null or s.cancelled_at is not null
                      or lower(s.test_time) <= moment then 'session_not_open' end,
            case when exists (select from mine b where b.unit_id = s.unit_id and b.closed_at is null)
                 then 'unit_already_booked' end,
            case when born + make_interval(years => k.minimum_age) > service.day(lower(s.test_time))
                 then 'candidate_too_young' end,
            case when s.unit_id = any (titres) then 'titre_already_held' end,
            case when k.failures_before_guidance > 0 and s.unit_id = any (failed)
                      and assessments.failures_since_guidance(a_candidate, s.unit_id) >= k.failures_before_guidance
                 then 'guidance_required' end,
            case when k.retake_wait_days > 0 and s.unit_id = any (failed)
                      and service.day(lower(s.test_time)) <= assessments.retake_from(a_candidate, s.unit_id, k.retake_wait_days)
                 then 'retake_too_soon' end,
            case when (never <> '{}' or teachers <> '{}') and exists (
                     select from scheduling.jury_seats j where j.session_id = s.id and j.released_at is null
                       and (j.assessor_id = any (never) or j.assessor_id = any (teachers) and j.role <> 'evaluator'))
                 then 'assessor_knows_candidate' end,
            case when born is not null and has_enough and scheduling.places_beside(a_candidate, s.id) >= most_places
                 then 'too_many_bookings' end,
            case when needs_lift and not m.accessible then 'room_not_accessible' end,
            case when exists (select from mine b where b.session_id <> s.id and b.during && s.test_time)
                 then 'candidate_busy' end,
            case when s.taken >= s.seats and s.taken - (
                     select count(*) from scheduling.bookings b
                     where b.session_id = s.id and scheduling.lapsed(b, moment)) >= s.seats
                 then 'session_full' end], null) as rules
        from scheduling.sessions s
        join scheduling.rooms m on m.id = s.room_id
        join assessments.units u on u.id = s.unit_id
        join assessments.trades t on t.id = u.trade_id
        join assessments.schemes k on k.code = t.scheme
        where s.id = any (asked))
    select x.id, x.rules from said x where x.rules <> '{}';
end $$;

-- Of one session: the same.
create or replace function scheduling.booking_refusals(a_candidate uuid, a_session uuid, moment timestamptz)
returns setof text language plpgsql stable security definer rows 3 set search_path = pg_catalog, pg_temp as $$ begin
    return query select unnest(r.rules) from scheduling.refusals_of(a_candidate, array[a_session], moment) r;
end $$;

-- The next sessions that take bookings, soonest first, at most `most` (101) after `skip`; with a candidate, what stands in
-- their way; with the version of what surrounds them, and the snapshot in which all of it was found.
create function scheduling.next_places(moment timestamptz, since timestamptz, until timestamptz, a_candidate uuid, most int,
                                       skip int)
returns table (id uuid, unit_id uuid, room_id uuid, language text, starts_at timestamptz, ends_at timestamptz, seats int,
               free int, rules text[], version uuid, seen text) language plpgsql stable security definer rows 51
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$ begin
    return query
    with found as materialized (
        select s.id, s.unit_id, s.room_id, s.language::text, lower(s.test_time) as starts_at, upper(s.test_time) as ends_at,
               s.seats, s.seats - s.taken as free
        from scheduling.sessions s
        where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
          and lower(s.test_time) > moment and lower(s.test_time) >= coalesce(since, moment)
          and lower(s.test_time) < coalesce(until, 'infinity')
        order by lower(s.test_time), s.id limit least(most, 101) offset skip)
    select f.*, n.rules, (select v.version from scheduling.surroundings v),
           service.snapshot()
    from found f left join scheduling.refusals_of(a_candidate, array(select found.id from found), moment) n
         on n.session_id = f.id
    order by f.starts_at, f.id;
end $$;
