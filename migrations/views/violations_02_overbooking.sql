-- 2. Seats ≤ min(room stations, evaluators × candidates per evaluator, equipment); and no more candidates than seats.
--
-- Seats are compared with what a session has until it ends: afterwards rooms are rebuilt and stations move. That no
-- more people were booked than there were seats stays true for ever.
create view service.violations_02_overbooking (subject, detail, since) as
with rooms as (
    select s.id, s.seats,
           least(r.stations,
                 coalesce(v.evaluators, 0) * st.candidates_per_evaluator,
                 case when st.equipment_kind is not null then coalesce(q.pieces, 0) end) as capacity
    from scheduling.sessions s
    join scheduling.rooms r on r.id = s.room_id
    join assessments.standards st on st.id = s.standard_id
    left join (select j.session_id, count(*) as evaluators from scheduling.jury_seats j
               where j.released_at is null and j.role = 'evaluator' group by j.session_id) v on v.session_id = s.id
    left join (select q.session_id, e.kind, count(distinct e.id) as pieces
               from scheduling.equipment_reservations q join scheduling.equipment e on e.id = q.equipment_id
               where q.released_at is null group by q.session_id, e.kind) q
           on q.session_id = s.id and q.kind = st.equipment_kind
    where s.opened_at is not null and s.ended_at is null and s.cancelled_at is null)
select id::text, format('%s seats, and room for %s', seats, capacity), '-infinity'::timestamptz
from rooms where seats > capacity
union all
select s.id::text, format('%s booked on %s seats', b.booked, s.seats), '-infinity'
from scheduling.sessions s
join (select session_id, count(*) as booked from scheduling.bookings where released_at is null group by session_id) b
  on b.session_id = s.id
where b.booked > s.seats;
