-- Who decides did not examine, has no tie with the candidate, and says what the jury or, after an appeal, a reviewer says
-- (ISO/IEC 17024, 9.4; domain.md, "How a validation goes", 7).
create view service.violations_deciders (subject, detail, since) as
select distinct d.id::text, format('%s examined the candidate, or was on the jury', d.taken_by), '-infinity'::timestamptz
from assessments.decisions d
join scheduling.bookings b on b.id = d.booking_id
left join scheduling.jury_seats j on j.session_id = b.session_id and j.assessor_id = d.taken_by and j.released_at is null
      and (j.role <> 'manager' or d.profile = 'strict-17024')
left join assessments.recordings r on r.booking_id = b.id and r.assessor_id = d.taken_by
where j.id is not null or r.id is not null
union all
select distinct d.id::text, format('%s has a tie with the candidate', d.taken_by), '-infinity'::timestamptz
from assessments.decisions d
left join assessments.links l on l.assessor_id = d.taken_by and l.candidate_id = d.candidate_id
      and l.declared_at < d.taken_at and (l.ended_at is null or l.ended_at > d.taken_at)
where l.id is not null or d.taken_by = d.candidate_id
union all
select d.id::text, 'it is not what the jury decided', '-infinity'
from assessments.decisions d
left join assessments.deliberations l on l.id = d.deliberation_id and l.booking_id = d.booking_id
where d.revises is null and d.recognition_id is null and l.outcome is distinct from d.outcome
union all
select d.id::text, 'it is not what was recognised', '-infinity'
from assessments.decisions d
join assessments.recognitions g on g.id = d.recognition_id
where g.booking_id <> d.booking_id or g.decided_by <> d.taken_by or (g.competences <> '{}') <> (d.outcome = 'pass')
union all
select g.id::text, 'recognised, and no decision says so', '-infinity'
from assessments.recognitions g
where not exists (select from assessments.decisions d where d.recognition_id = g.id)
union all
select d.id::text, 'it revises without an upheld appeal, or was not taken by a reviewer', '-infinity'
from assessments.decisions d
where d.revises is not null
  and not exists (select from assessments.appeals a join assessments.appeal_reviewers w on w.appeal_id = a.id
                  where a.decision_id = d.revises and a.outcome = 'upheld' and w.assessor_id = d.taken_by);
