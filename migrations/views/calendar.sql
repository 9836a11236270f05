-- Events as the four kinds of calendar show them; nobody's name is in any of them. What was never confirmed (a hold) is
-- nobody's event yet.
create view scheduling.calendar as
select e.kind, e.owner_id, e.event_id, e.role, e.starts_at, e.ends_at, e.sequence, e.changed_at, e.cancelled, e.confirmed,
       s.id as session_id, s.language::text as language, u.code as unit_code, u.label::jsonb as unit_label,
       t.label::jsonb as trade_label, c.name as centre_name, r.name as room_name, i.street, i.postcode, i.municipality
from (
    select 'candidate' as kind, b.candidate_id as owner_id, b.id as event_id, 'candidate' as role, b.session_id,
           lower(b.during) as starts_at, upper(b.during) as ends_at, s.sequence + b.sequence as sequence,
           greatest(b.changed_at, s.changed_at) as changed_at, b.released_at is not null as cancelled,
           b.confirmed_at is not null as confirmed
    from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
    union all
    select 'assessor', j.assessor_id, j.id, j.role, j.session_id, lower(s.occupied), upper(s.occupied),
           s.sequence + (j.released_at is not null)::int, greatest(j.given_at, j.released_at, s.changed_at),
           j.released_at is not null, true
    from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
    union all
    select 'room', s.room_id, s.id, 'session', s.id, lower(s.occupied), upper(s.occupied), s.sequence, s.changed_at,
           s.cancelled_at is not null, true
    from scheduling.sessions s
    union all
    select 'centre', s.centre_id, s.id, 'session', s.id, lower(s.test_time), upper(s.test_time), s.sequence, s.changed_at,
           s.cancelled_at is not null, true
    from scheduling.sessions s
) e
join scheduling.sessions s on s.id = e.session_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
join scheduling.rooms r on r.id = s.room_id
join scheduling.sites i on i.id = r.site_id
join scheduling.centres c on c.id = s.centre_id;
