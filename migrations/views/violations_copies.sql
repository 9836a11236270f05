-- Bookings, jury seats and reservations carry the times of their session, which exclusion constraints compare; a booking
-- its unit too.
create view service.violations_copies (subject, detail, since) as
select b.id::text, 'a booking at another time or of another unit than its session', '-infinity'::timestamptz
from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
where b.test_time <> s.test_time or b.unit_id <> s.unit_id
union all
select j.id::text, 'a jury seat at another time than its session', '-infinity'
from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
where j.during <> s.occupied
union all
select q.id::text, 'a reservation at another time than its session', '-infinity'
from scheduling.equipment_reservations q join scheduling.sessions s on s.id = q.session_id
where q.during <> s.occupied;
