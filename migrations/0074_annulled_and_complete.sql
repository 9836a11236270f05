-- Three guarantees that had a hole: a test that was annulled asks for no wait; a wait is said before somebody tries to book;
-- and a version that is published as it is written down is complete too.

create or replace function assessments.retake_from(a_candidate uuid, a_unit uuid, wait_days int) returns date
language sql stable return (
    select max(service.day(upper(b.test_time))) + wait_days
    from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
    where d.candidate_id = a_candidate and d.unit_id = a_unit and d.outcome = 'fail'
      and d.released_at is not null and d.superseded_at is null
      and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id));

-- The wait stands with the other conditions: the same rules explain a search result and guard the insert.
drop trigger guard_retake on scheduling.bookings;
drop function scheduling.guard_retake();
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
        (4, 'retake_too_soon', sc.retake_wait_days > 0
            and service.day(lower(s.test_time)) <= assessments.retake_from(c.id, u.id, sc.retake_wait_days)),
        (5, 'assessor_knows_candidate', exists (
            select from scheduling.jury_seats j where j.session_id = s.id and j.released_at is null
              and (j.assessor_id = c.id or assessments.conflict(j.assessor_id, c.id, j.role)))),
        (6, 'too_many_bookings',
            scheduling.places_held(c.id) >= (select f.most_bookings from scheduling.fair_use f)),
        (7, 'room_not_accessible', assessments.needs_ground_floor(c.id) and exists (
            select from scheduling.rooms m where m.id = s.room_id and not m.accessible))
    ) as r (position, rule, broken)
    where s.id = a_session and r.broken order by r.position;
end;

create trigger guard_publication_of_new before insert on assessments.standards
    for each row when (new.published_at is not null)
    execute function assessments.guard_publication();
