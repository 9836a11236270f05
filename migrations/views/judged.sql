-- Tests whose result was told and still stands, a row each: what the figures of quality count. A decision that waits for
-- its release is not among them; a revised one took the place of the first; a recognition (EVC) is neither a pass nor a fail.
-- The day is that of Brussels.
create view service.judged as
select d.id as decision_id, d.booking_id, b.session_id, s.centre_id, d.unit_id, s.standard_id,
       service.day(lower(s.test_time)) as held_on, d.outcome = 'pass' as passed
from assessments.decisions d
join scheduling.bookings b on b.id = d.booking_id
join scheduling.sessions s on s.id = b.session_id
where d.released_at is not null and d.superseded_at is null and d.recognition_id is null;
