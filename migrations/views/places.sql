-- Sessions that take bookings, as everybody may read them: hence with their owner's rights. Row security would keep the
-- search from its index, because PostgreSQL lets no lower(range) see a row before its policy does.
create view scheduling.taking_bookings with (security_invoker = false) as
select s.id, s.centre_id, s.unit_id, s.language, lower(s.test_time) as starts_at
from scheduling.sessions s
where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null;

create view scheduling.places with (security_invoker = false) as
select s.id as session_id, u.code as unit_code, u.label::jsonb as unit_label, t.code as trade_code,
       t.label::jsonb as trade_label, t.scheme, s.language::text as language,
       lower(s.test_time) as starts_at, upper(s.test_time) as ends_at,
       c.code as centre_code, c.name as centre_name, r.name as room_name, r.accessible,
       i.street, i.postcode, i.municipality, s.seats, s.seats - s.taken as free
from scheduling.sessions s
join scheduling.rooms r on r.id = s.room_id
join scheduling.sites i on i.id = r.site_id
join scheduling.centres c on c.id = s.centre_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null;
