-- A screening ends with its profile: it has no jury's word, no decision and no certificate, and nothing but a screening has
-- a profile or recommendations.
create view service.violations_screenings (subject, detail, since) as
with judged as (
    select b.id, s.decision_profile = 'none' as is_screening from scheduling.bookings b
    join assessments.units u on u.id = b.unit_id join assessments.trades t on t.id = u.trade_id
    join assessments.schemes s on s.code = t.scheme)
select d.id::text, 'a decision on a screening', '-infinity'::timestamptz
from assessments.decisions d join judged j on j.id = d.booking_id where j.is_screening
union all
select l.id::text, 'a deliberation on a screening', '-infinity'
from assessments.deliberations l join judged j on j.id = l.booking_id where j.is_screening
union all
select k.id::text, 'a certificate of a scheme that issues none', '-infinity'
from certificates.register k join assessments.units u on u.id = k.unit_id join assessments.trades t on t.id = u.trade_id
join assessments.schemes s on s.code = t.scheme where not s.issues_certificate
union all
select p.id::text, 'a profile of what is no screening', '-infinity'
from assessments.profiles p join judged j on j.id = p.booking_id where not j.is_screening
union all
select r.id::text, 'a recommendation after what is no screening', '-infinity'
from assessments.recommendations r join judged j on j.id = r.booking_id where not j.is_screening;
