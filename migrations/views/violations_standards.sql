-- A unit is tested by one version at a time, which can be marked; and no session by a draft.
create view service.violations_standards (subject, detail, since) as
select unit_id::text, format('%s versions are in force', count(*)), '-infinity'::timestamptz
from assessments.standards where published_at is not null and retired_at is null
group by unit_id having count(*) > 1
union all
select id::text, format('version %s is published and cannot be marked', version), '-infinity'
from assessments.standards where published_at is not null and not assessments.can_be_marked(grid)
union all
select s.id::text, format('is held by draft %s', st.version), '-infinity'
from scheduling.sessions s join assessments.standards st on st.id = s.standard_id
where st.published_at is null;

-- Whoever sits in a jury had signed, for the day of the test, what the scheme asks for now and asked for then.
create view service.violations_undertakings (subject, detail, since) as
select j.id::text, format('%s of %s', assessments.undertaking_missing(j.assessor_id, u.trade_id, s.test_time), j.assessor_id),
       '-infinity'::timestamptz
from scheduling.jury_seats j
join scheduling.sessions s on s.id = j.session_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme
where j.released_at is null and s.cancelled_at is null and (k.interest_declared or k.confidentiality_signed)
  and s.locked_at >= coalesce(k.changed_at, '-infinity')
  and assessments.undertaking_missing(j.assessor_id, u.trade_id, s.test_time) is not null;
