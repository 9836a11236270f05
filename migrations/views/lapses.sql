-- All that is valid until a day, and whether something of the same kind goes on from the next day.
create view service.validities (kind, id, centre_id, assessor_id, trade_id, role, first_day, last_day, document_id, renewed) as
select 'accreditation', a.id, a.centre_id, null::uuid, a.trade_id, null::text, lower(a.valid), upper(a.valid) - 1, a.document_id,
       exists (select from assessments.accreditations n
               where n.centre_id = a.centre_id and n.trade_id = a.trade_id and n.valid @> upper(a.valid))
from assessments.accreditations a
union all
select 'qualification', q.id, p.centre_id, q.assessor_id, q.trade_id, q.role, lower(q.valid), upper(q.valid) - 1, q.document_id,
       exists (select from assessments.qualifications n
               where n.assessor_id = q.assessor_id and n.trade_id = q.trade_id and n.role = q.role and n.valid @> upper(q.valid))
from assessments.qualifications q join assessments.assessors p on p.id = q.assessor_id
where p.retired_at is null
union all
select v.kind, v.id, p.centre_id, v.assessor_id, null, null, lower(v.valid), upper(v.valid) - 1, v.document_id,
       exists (select from assessments.undertakings n
               where n.assessor_id = v.assessor_id and n.kind = v.kind and n.valid @> upper(v.valid))
from assessments.undertakings v join assessments.assessors p on p.id = v.assessor_id
where p.retired_at is null;

-- Sessions that have not begun and for which, on their day, something that was valid before no longer is.
create view service.breakages (kind, id, session_id) as
select 'accreditation', a.id, s.id
from assessments.accreditations a
join assessments.units u on u.trade_id = a.trade_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme and k.needs_accreditation
join scheduling.sessions s on s.unit_id = u.id and s.centre_id = a.centre_id
where s.cancelled_at is null and s.started_at is null and service.day(upper(s.test_time)) >= upper(a.valid)
  and not assessments.accredited(s.centre_id, s.unit_id, s.test_time)
union all
select 'qualification', q.id, s.id
from assessments.qualifications q
join scheduling.jury_seats j on j.assessor_id = q.assessor_id and j.role = q.role and j.released_at is null
join scheduling.sessions s on s.id = j.session_id
join assessments.units u on u.id = s.unit_id and u.trade_id = q.trade_id
where s.cancelled_at is null and s.started_at is null and service.day(lower(s.test_time)) >= upper(q.valid)
  and not assessments.qualified(j.assessor_id, u.trade_id, j.role, s.test_time)
union all
select v.kind, v.id, s.id
from assessments.undertakings v
join scheduling.jury_seats j on j.assessor_id = v.assessor_id and j.released_at is null
join scheduling.sessions s on s.id = j.session_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme
where s.cancelled_at is null and s.started_at is null and service.day(lower(s.test_time)) >= upper(v.valid)
  and case v.kind when 'interest' then k.interest_declared else k.confidentiality_signed end
  and not exists (select from assessments.undertakings n
                  where n.assessor_id = v.assessor_id and n.kind = v.kind and n.valid @> service.day(lower(s.test_time)));
