-- Equipment that is out of order: no test that was to come when that was entered holds it.
create view service.violations_outages (subject, detail, since) as
select s.id::text, format('holds a piece of equipment that is out of order: %s', o.equipment_id), '-infinity'::timestamptz
from scheduling.outages o
cross join lateral scheduling.tests_counting_on(o.equipment_id, o.during, o.entered_at) s
where o.back_at is null;
