-- 13. A certificate exists ⇔ a released pass decision exists that stands, or stood until the certificate was withdrawn.
--
-- The reactions to decision.released and decision.revised bring it about, so what they still have to do is no violation
-- here; if they never do it, the rules on the outbox say so.
create view service.violations_13_certificates (subject, detail, since) as
with reacting as (
    select aggregate as booking_id from service.outbox
    where done_at is null and topic in ('decision.released', 'decision.revised', 'new_test.granted'))
select r.id::text, 'its decision is not the released pass of its candidate and unit', '-infinity'::timestamptz
from certificates.register r
left join assessments.decisions d on d.id = r.decision_id
where (d.outcome = 'pass' and d.released_at is not null
       and d.candidate_id = r.candidate_id and d.unit_id = r.unit_id) is not true
union all
select r.id::text, 'its decision was revised, and it is not withdrawn', '-infinity'
from certificates.register r join assessments.decisions d on d.id = r.decision_id
where d.superseded_at is not null and r.withdrawn_at is null
  and d.booking_id not in (select booking_id from reacting)
union all
select d.id::text, 'a released pass without a certificate', '-infinity'
from assessments.decisions d
join assessments.units u on u.id = d.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme and k.issues_certificate
where d.outcome = 'pass' and d.released_at is not null and d.superseded_at is null
  and not exists (select from certificates.register r where r.decision_id = d.id)
  and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id)
  and d.booking_id not in (select booking_id from reacting)
union all
select decision_id::text, format('%s certificates of one decision', count(*)), '-infinity'
from certificates.register group by decision_id having count(*) > 1
union all
select r.id::text, 'its test does not count, and it is not withdrawn', '-infinity'
from certificates.register r
join assessments.decisions d on d.id = r.decision_id
join assessments.new_tests n on n.booking_id = d.booking_id
where r.withdrawn_at is null and d.booking_id not in (select booking_id from reacting)
union all
select a.id::text, 'upheld, and no decision revises the one it is about', '-infinity'
from assessments.appeals a
where a.outcome = 'upheld' and not exists (select from assessments.decisions d where d.revises = a.decision_id)
union all
select coalesce(a.id, n.appeal_id)::text, 'answered with a new test, and there is none; or the other way round', '-infinity'
from (select id from assessments.appeals where outcome = 'new_test') a
full join (select appeal_id from assessments.new_tests where cause = 'appeal') n on n.appeal_id = a.id
where a.id is null or n.appeal_id is null
union all
select r.id::text, 'it does not say what was recognised', '-infinity'
from certificates.register r
join assessments.decisions d on d.id = r.decision_id
left join assessments.recognitions g on g.id = d.recognition_id
where r.recognised is distinct from g.result;
