-- 17. Times are stored with their zone; and on the wall clock of Brussels a coming session lies within the hours of its
-- room, on either side of a clock change. Past ones are not asked: hours change, and their history is not kept.
create view service.violations_17_times (subject, detail, since) as
select format('%I.%I.%I', n.nspname, c.relname, a.attname), format('is %s', format_type(a.atttypid, null)),
       '-infinity'::timestamptz
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('service', 'scheduling', 'assessments', 'certificates') and a.attnum > 0 and not a.attisdropped
  and a.atttypid in ('timestamp'::regtype, 'timetz'::regtype, 'tsrange'::regtype, 'timestamp[]'::regtype)
union all
select s.id::text, format('from %s to %s, outside the hours of the room', l.starts_at, l.ends_at), '-infinity'
from scheduling.sessions s
cross join lateral (select lower(s.test_time) at time zone 'Europe/Brussels' as starts_at,
                           upper(s.test_time) at time zone 'Europe/Brussels' as ends_at) l
where s.cancelled_at is null and s.started_at is null
  and not exists (select from scheduling.opening_hours h
                  where h.room_id = s.room_id and h.weekday = extract(isodow from l.starts_at)
                    and l.starts_at::date = l.ends_at::date
                    and h.opens <= l.starts_at::time and h.closes >= l.ends_at::time);
