-- Occupied spots: seats that ended in attended, in sessions that were held (domain.md, invariant 16), a row each. The year
-- and the day are those of Brussels.
create view service.occupied_spots as
select b.id as booking_id, s.id as session_id, s.centre_id, c.code as centre_code, s.unit_id, t.code as trade_code, t.scheme,
       service.day(lower(s.test_time)) as held_on, extract(year from service.day(lower(s.test_time)))::int as year
from scheduling.bookings b
join scheduling.sessions s on s.id = b.session_id
join scheduling.centres c on c.id = s.centre_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
where b.attended_at is not null and b.released_at is null and s.started_at is not null and s.cancelled_at is null;
