-- 16. An occupied spot is a seat that ended in attended, in a session that was held; and what the report adds up, year by
-- year, is what the bookings themselves give.
create view service.violations_16_occupied_spots (subject, detail, since) as
select b.id::text, case when b.released_at is not null then format('attended, and released as %s', b.release)
                        else 'attended a session that was not held' end, '-infinity'::timestamptz
from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
where b.attended_at is not null and (b.released_at is not null or s.started_at is null or s.cancelled_at is not null)
union all
select year::text, format('reported %s occupied spots, counted %s', coalesce(r.spots, 0), coalesce(c.spots, 0)), '-infinity'
from (select year, count(*) as spots from service.occupied_spots group by year) r
full join (select extract(year from service.day(lower(b.test_time)))::int as year, count(*) as spots
           from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           where b.attended_at is not null and b.released_at is null and s.started_at is not null
             and s.cancelled_at is null group by 1) c using (year)
where r.spots is distinct from c.spots;
