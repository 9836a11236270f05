-- 12. A jury deliberates when evaluator and observer have submitted; it motivates where it departs from the proposal;
-- three votes are recorded, and the outcome is the one of most of them.
create view service.violations_12_deliberations (subject, detail, since) as
select d.id::text, 'deliberated before evaluator and observer had submitted', '-infinity'::timestamptz
from assessments.deliberations d
left join assessments.recordings r on r.booking_id = d.booking_id
group by d.id
having not coalesce(bool_or(r.role = 'evaluator'), false) or not coalesce(bool_or(r.role = 'observer'), false)
    or bool_or(r.submitted_at is null or r.submitted_at > d.deliberated_at)
union all
select id::text, format('%s instead of %s, and no motivation', outcome, proposal), '-infinity'
from assessments.deliberations where outcome <> proposal and btrim(motivation) = ''
union all
select id::text, 'the outcome is not that of three votes', '-infinity'
from assessments.deliberations
where ((outcome = 'pass') = ((evaluator_vote = 'pass')::int + (observer_vote = 'pass')::int
                             + (manager_vote = 'pass')::int >= 2)) is not true
union all
select d.id::text, 'told before the whole session was deliberated', '-infinity'
from assessments.decisions d
join scheduling.bookings b on b.id = d.booking_id
join assessments.units u on u.id = b.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme and k.release_together
where d.released_at is not null and exists (
    select from scheduling.bookings o
    left join assessments.deliberations l on l.booking_id = o.id
    left join assessments.recognitions g on g.booking_id = o.id and g.revises is null
    left join assessments.new_tests n on n.booking_id = o.id
    where o.session_id = b.session_id and o.attended_at is not null
      and coalesce(l.deliberated_at, g.decided_at, n.granted_at, 'infinity') > d.released_at)
union all
select l.id::text, 'deliberated on a test that does not count', '-infinity'
from assessments.deliberations l join assessments.new_tests n on n.booking_id = l.booking_id and n.cause = 'conflict';
