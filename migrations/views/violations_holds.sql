-- A hold past its time is released within ten minutes, and nothing that was never confirmed has gone further.
create view service.violations_holds (subject, detail, since) as
select id::text, format('held until %s, and neither confirmed nor released', held_until), held_until + interval '10 minutes'
from scheduling.bookings where confirmed_at is null and released_at is null
union all
select id::text, 'confirmed after its time', '-infinity'
from scheduling.bookings where confirmed_at > held_until
union all
select b.id::text, 'excused, and the excuse was not accepted', '-infinity'
from scheduling.bookings b join scheduling.excuses e on e.booking_id = b.id
where b.release = 'excused' and e.refused_at is not null;
