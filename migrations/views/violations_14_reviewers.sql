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
where d.taken_by = w.assessor_id or j.id is not null or r.id is not null
union all
select w.appeal_id::text, format('reviewer %s reviewed the appeal that led to the decision', w.assessor_id), '-infinity'
from assessments.appeal_reviewers w
join assessments.appeals a on a.id = w.appeal_id
join assessments.decisions d on d.id = a.decision_id
join assessments.appeals e on e.decision_id = d.revises
join assessments.appeal_reviewers o on o.appeal_id = e.id and o.assessor_id = w.assessor_id
union all
select a.id::text, format('answered by %s, who is not of its panel', a.answered_by), '-infinity'
from assessments.appeals a
where a.answered_by is not null and not exists (
    select from assessments.appeal_reviewers w where w.appeal_id = a.id and w.assessor_id = a.answered_by)
union all
select a.id::text, format('account %s, which ruled on its form, was on the jury or decided', a.ruled_by), '-infinity'
from assessments.appeals a
join service.accounts k on k.id = a.ruled_by
join assessments.decisions d on d.id = a.decision_id
join scheduling.bookings b on b.id = d.booking_id
where d.taken_by = k.assessor_id or exists (
    select from scheduling.jury_seats j where j.session_id = b.session_id and j.assessor_id = k.assessor_id)
union all
select c.id::text, 'a complaint about a jury, answered by one of it', '-infinity'
from assessments.complaints c
join service.accounts k on k.id = c.answered_by
join scheduling.bookings b on b.id = c.booking_id
join scheduling.jury_seats j on j.session_id = b.session_id and j.assessor_id = k.assessor_id
where c.about in ('conduct', 'staff');
