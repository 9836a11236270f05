-- The rules that came since 0056 (a wait before a retake, a qualification that is recognised in part, places beside this
-- one) where they are asked for many sessions at once.
create or replace function scheduling.refusals_of(a_candidate uuid, asked uuid[], moment timestamptz)
returns table (session_id uuid, rules text[]) language plpgsql stable strict security definer rows 50
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    born date := (select c.birth_date from assessments.candidates c where c.id = a_candidate);
    needs_lift boolean := assessments.needs_ground_floor(a_candidate);
    has_enough boolean := scheduling.places_held(a_candidate) >= (select f.most_bookings from scheduling.fair_use f);
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
            case when born is not null and has_enough and scheduling.places_beside(a_candidate, s.id) >= (
                     select f.most_bookings from scheduling.fair_use f) then 'too_many_bookings' end,
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
