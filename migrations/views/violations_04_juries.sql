-- 4. A locked session has its evaluators, its observers and its one manager; all of them distinct, and from the moment
-- they are seated qualified for the trade on that day and speakers of the session's language.
create view service.violations_04_juries (subject, detail, since) as
with seats as (
    select j.id, j.session_id, j.assessor_id, j.role, u.trade_id, s.language,
           service.day(lower(s.test_time)) as test_day
    from scheduling.jury_seats j
    join scheduling.sessions s on s.id = j.session_id
    join assessments.units u on u.id = s.unit_id
    where j.released_at is null and s.cancelled_at is null)
select s.id::text, format('%s evaluators, %s observers, %s managers', count(*) filter (where j.role = 'evaluator'),
                          count(*) filter (where j.role = 'observer'), count(*) filter (where j.role = 'manager')),
       '-infinity'::timestamptz
from scheduling.sessions s
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme
left join seats j on j.session_id = s.id
where s.locked_at is not null and s.cancelled_at is null
group by s.id, k.code
having count(*) filter (where j.role = 'evaluator') < k.evaluators_min
    or count(*) filter (where j.role = 'observer') < k.observers_min
    or count(*) filter (where j.role = 'manager') < k.manager_required::int
    or count(*) filter (where j.role = 'manager') > 1
union all
select session_id::text, format('%s sits on it %s times', assessor_id, count(*)), '-infinity'
from seats group by session_id, assessor_id having count(*) > 1
union all
select session_id::text, format('%s is not qualified as %s on %s', assessor_id, role, test_day), '-infinity'
from seats j
where j.role <> 'manager' and not exists (
    select from assessments.qualifications q
    where q.assessor_id = j.assessor_id and q.trade_id = j.trade_id and q.role = j.role and q.valid @> j.test_day)
union all
select j.session_id::text, format('%s %s does not speak %s', j.role, j.assessor_id, j.language), '-infinity'
from seats j join assessments.assessors a on a.id = j.assessor_id
where j.role <> 'manager' and j.language::text <> all (a.languages);
