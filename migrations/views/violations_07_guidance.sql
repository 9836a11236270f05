-- 7. After two failures on a unit, in any centre, nobody books it again without guidance.
--
-- Only the latest guidance is on record: where it came after the booking, there may have been an earlier one, and the
-- rows cannot tell. A failure that an appeal revised counts until it was.
create view service.violations_07_guidance (subject, detail, since) as
select b.id::text, format('booked after %s failures without guidance', count(*)), '-infinity'::timestamptz
from assessments.decisions d
join scheduling.bookings b on b.candidate_id = d.candidate_id and b.unit_id = d.unit_id and b.booked_at > d.released_at
join assessments.units u on u.id = b.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme and k.failures_before_guidance > 0
left join assessments.enrolments e on e.candidate_id = b.candidate_id and e.unit_id = b.unit_id
where d.outcome = 'fail' and b.released_at is null
  and (d.superseded_at is null or d.superseded_at > b.booked_at)
  and (e.guided_at is null or (e.guided_at <= b.booked_at and e.guided_at < d.released_at))
group by b.id, k.failures_before_guidance
having count(*) >= k.failures_before_guidance;
