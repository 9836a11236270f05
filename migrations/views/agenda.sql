-- A session in a list, with the names of what it refers to.
create view service.session_lines as
select s.id, s.centre_id, s.room_id, s.unit_id, s.standard_id, s.language::text as language,
       lower(s.test_time) as starts_at, upper(s.test_time) as ends_at, s.seats, s.taken, s.sequence,
       s.opened_at, s.locked_at, s.started_at, s.ended_at, s.closed_at, s.cancelled_at, s.cancellation, s.changed_at,
       u.code as unit_code, u.label::jsonb as unit_label, t.label::jsonb as trade_label, t.scheme,
       c.code as centre_code, c.name as centre_name, r.name as room_name
from scheduling.sessions s
join scheduling.rooms r on r.id = s.room_id
join scheduling.centres c on c.id = s.centre_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id;

-- A booking as its candidate reads it; the outcome of a decision only once that decision is released.
create view service.booking_lines as
select b.id, b.session_id, b.unit_id, b.candidate_id, lower(b.during) as starts_at, upper(b.during) as ends_at,
       b.extra_minutes, b.booked_at, b.held_until, b.confirmed_at, b.convoked_at, b.checked_in_at, b.contract_signed_at, b.attended_at, b.closed_at,
       b.released_at, b.release, b.changed_at, s.language::text as language,
       u.code as unit_code, u.label::jsonb as unit_label, t.scheme, c.name as centre_name, r.name as room_name,
       i.street, i.postcode, i.municipality, d.outcome as result, d.id as decision_id,
       g.result as recognised
from scheduling.bookings b
join scheduling.sessions s on s.id = b.session_id
join scheduling.rooms r on r.id = s.room_id
join scheduling.sites i on i.id = r.site_id
join scheduling.centres c on c.id = s.centre_id
join assessments.units u on u.id = b.unit_id
join assessments.trades t on t.id = u.trade_id
left join assessments.decisions d on d.booking_id = b.id and d.released_at is not null and d.superseded_at is null
left join assessments.recognitions g on g.id = d.recognition_id;
