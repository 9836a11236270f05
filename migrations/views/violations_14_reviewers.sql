-- 14. Who reviews an appeal was not on the jury and did not take the decision.
create view service.violations_14_reviewers (subject, detail, since) as
select distinct w.appeal_id::text, format('reviewer %s %s', w.assessor_id,
           case when d.taken_by = w.assessor_id then 'took the decision' else 'was on the jury' end),
       '-infinity'::timestamptz
from assessments.appeal_reviewers w
join assessments.appeals a on a.id = w.appeal_id
join assessments.decisions d on d.id = a.decision_id
join scheduling.bookings b on b.id = d.booking_id
left join scheduling.jury_seats j on j.session_id = b.session_id and j.assessor_id = w.assessor_id
left join assessments.recordings r on r.booking_id = b.id and r.assessor_id = w.assessor_id
where d.taken_by = w.assessor_id or j.id is not null or r.id is not null;
