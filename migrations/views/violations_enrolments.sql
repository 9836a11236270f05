-- Who withdrew from a unit has no place for it and does not wait for one; what is only held is the rule of holds.
create view service.violations_enrolments (subject, detail, since) as
select b.id::text, format('the candidate withdrew from unit %s at %s', e.unit_id, e.withdrawn_at), '-infinity'::timestamptz
from assessments.enrolments e
join scheduling.bookings b on b.candidate_id = e.candidate_id and b.unit_id = e.unit_id
where e.withdrawn_at is not null and b.confirmed_at is not null and b.released_at is null and b.closed_at is null
union all
select w.id::text, format('waits for unit %s, withdrawn from at %s', e.unit_id, e.withdrawn_at), '-infinity'
from assessments.enrolments e
join scheduling.waiting w on w.candidate_id = e.candidate_id and w.unit_id = e.unit_id
where e.withdrawn_at is not null and w.left_at is null;
