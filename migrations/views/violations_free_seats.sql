-- The list always moves on: ten minutes after it could have been offered, no feasible seat is free while somebody willing
-- waits for it; and nobody is asked for one seat while another is.
--
-- Held against the moment of the latest news, so that a copy restored later is judged as of its own day; sessions of that
-- day and the next are left out, because an offer needs its time.
create view service.violations_free_seats (subject, detail, since) as
with latest as (select coalesce(max(occurred_at), '-infinity') as news from service.outbox)
select s.id::text, format('a free seat, and %s is willing', q.waiting_id),
       greatest(w.joined_at, s.changed_at, (select max(b.changed_at) from scheduling.bookings b where b.session_id = s.id),
                (select max(j.given_at) from scheduling.jury_seats j where j.session_id = s.id)) + interval '10 minutes'
from latest
join scheduling.sessions s on s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
 and s.taken < s.seats and lower(s.test_time) > latest.news + interval '1 day'
 and exists (select from scheduling.waiting any_one where any_one.unit_id = s.unit_id and any_one.left_at is null)
cross join lateral (select * from scheduling.willing(s.id, latest.news) limit 1) q
join scheduling.waiting w on w.id = q.waiting_id
where scheduling.offerable(s, latest.news)
union all
select w.id::text, format('waits for unit %s, and has a place', w.unit_id), b.confirmed_at + interval '10 minutes'
from scheduling.waiting w join scheduling.bookings b on b.candidate_id = w.candidate_id and b.unit_id = w.unit_id
where w.left_at is null and b.released_at is null and b.closed_at is null and b.confirmed_at > w.joined_at;
