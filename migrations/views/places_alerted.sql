-- Which live alert a place with a free seat answers. The candidate's own reasons against it are asked last: they cost most.
create view scheduling.alert_matches as
select a.id as alert_id, a.candidate_id, a.expires_at, o.id as session_id, o.starts_at
from scheduling.alerts a
join scheduling.taking_bookings o on o.unit_id = any (a.units)
where a.ended_at is null and o.free > 0
  and (a.language is null or o.language = a.language) and (a.centre_id is null or o.centre_id = a.centre_id)
  and o.starts_at >= coalesce(a.since, '-infinity') and o.starts_at < coalesce(a.until, 'infinity')
  and (o.accessible or not a.accessible) and (a.postcodes is null or o.postcode = any (a.postcodes))
  and scheduling.suits(o.starts_at, o.ends_at, a.weekdays, a.half);
