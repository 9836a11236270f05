-- Three guarantees that had a hole: a test that was annulled asks for no wait; a wait is said before somebody tries to book;
-- and a version that is published as it is written down is complete too.

create or replace function assessments.retake_from(a_candidate uuid, a_unit uuid, wait_days int) returns date
language sql stable return (
    select max(service.day(upper(b.test_time))) + wait_days
    from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
    where d.candidate_id = a_candidate and d.unit_id = a_unit and d.outcome = 'fail'
      and d.released_at is not null and d.superseded_at is null
      and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id));

-- The wait stands with the other conditions (0080): the same rules explain a search result and guard the insert.
drop trigger guard_retake on scheduling.bookings;
drop function scheduling.guard_retake();

create trigger guard_publication_of_new before insert on assessments.standards
    for each row when (new.published_at is not null)
    execute function assessments.guard_publication();
