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
                             + (manager_vote = 'pass')::int >= 2)) is not true;
