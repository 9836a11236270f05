-- 6. Nobody judges kin, colleagues or themselves; who taught a candidate may evaluate only.
--
-- A tie counts that stood while both were in the session and before its test had ended: one that ended before, or was
-- declared after, is no violation.
create view service.violations_06_ties (subject, detail, since) as
select b.id::text, format('%s %s has a %s tie with the candidate', j.role, j.assessor_id, l.kind),
       '-infinity'::timestamptz
from assessments.links l
join scheduling.jury_seats j on j.assessor_id = l.assessor_id
join scheduling.sessions s on s.id = j.session_id
join scheduling.bookings b on b.session_id = s.id and b.candidate_id = l.candidate_id
where j.released_at is null and b.released_at is null and s.cancelled_at is null
  and (l.kind <> 'teaching' or j.role <> 'evaluator')
  and (s.ended_at is null or l.declared_at < s.ended_at)
  and (l.ended_at is null or l.ended_at > greatest(j.given_at, b.booked_at))
union all
select b.id::text, format('the candidate is the %s', j.role), '-infinity'
from scheduling.bookings b
join scheduling.jury_seats j on j.session_id = b.session_id and j.assessor_id = b.candidate_id
join scheduling.sessions s on s.id = b.session_id
where j.released_at is null and b.released_at is null and s.cancelled_at is null
union all
select l.id::text, format('deliberated by a jury with %s, who has a tie with the candidate', k.assessor_id), '-infinity'
from assessments.deliberations l
join scheduling.bookings b on b.id = l.booking_id
join scheduling.jury_seats j on j.session_id = b.session_id and j.released_at is null
join assessments.links k on k.assessor_id = j.assessor_id and k.candidate_id = b.candidate_id
where k.declared_at < l.deliberated_at and coalesce(k.ended_at, 'infinity') > l.deliberated_at
  and (k.kind <> 'teaching' or j.role <> 'evaluator');
