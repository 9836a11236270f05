-- 13. A certificate exists ⇔ a released pass decision exists that stands, or stood until the certificate was withdrawn.
--
-- The reactions to decision.released and decision.revised bring it about, so what they still have to do is no violation
-- here; if they never do it, the rules on the outbox say so.
create view service.violations_13_certificates (subject, detail, since) as
with reacting as (
    select aggregate as booking_id from service.outbox
    where done_at is null and topic in ('decision.released', 'decision.revised'))
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
  and d.booking_id not in (select booking_id from reacting)
union all
select decision_id::text, format('%s certificates of one decision', count(*)), '-infinity'
from certificates.register group by decision_id having count(*) > 1;
