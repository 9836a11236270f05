-- 5. The observer is external to the centre.
create view service.violations_05_observers (subject, detail, since) as
select s.id::text, format('observer %s is of the centre', j.assessor_id), '-infinity'::timestamptz
from scheduling.jury_seats j
join scheduling.sessions s on s.id = j.session_id
join assessments.assessors a on a.id = j.assessor_id and a.centre_id = s.centre_id
where j.role = 'observer' and j.released_at is null and s.cancelled_at is null;
