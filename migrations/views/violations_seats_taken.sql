-- The counter of a session, which a booking takes its seat from, is the number of its live bookings.
create view service.violations_seats_taken (subject, detail, since) as
select s.id::text, format('counts %s taken, %s are', s.taken, coalesce(b.booked, 0)), '-infinity'::timestamptz
from scheduling.sessions s
left join (select session_id, count(*) as booked from scheduling.bookings where released_at is null group by session_id) b
       on b.session_id = s.id
where s.taken <> coalesce(b.booked, 0);
