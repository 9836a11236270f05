-- 18. Of an erased candidate nothing is left that says who they were: no name, no address, no phone, of the birth date
-- the year; nobody can sign in as them. What counts people survives: attempts, decisions, the register.
--
-- Of an erased assessor as little; what they judged stays under their id.
--
-- What stands in place of the name is ours to choose: a dash and the first characters of the id.
create view service.violations_18_erasures (subject, detail, since) as
select c.id::text, 'erased, and still known by ' || concat_ws(', ',
           case when c.given_name <> '–' or c.family_name <> left(c.id::text, 8) then 'name' end,
           case when c.email not like '%.invalid' then 'address' end,
           case when c.phone is not null then 'phone' end,
           case when c.municipality is not null then 'municipality' end,
           case when c.birth_date <> date_trunc('year', c.birth_date)::date then 'birth date' end), '-infinity'::timestamptz
from assessments.candidates c
where c.erased_at is not null
  and (c.given_name <> '–' or c.family_name <> left(c.id::text, 8) or c.email not like '%.invalid'
       or c.phone is not null or c.municipality is not null or c.birth_date <> date_trunc('year', c.birth_date)::date)
union all
select c.id::text, 'erased, and still has an account', '-infinity'
from assessments.candidates c join service.accounts a on a.candidate_id = c.id
where c.erased_at is not null and (a.disabled_at is null or a.email not like '%.invalid')
union all
select c.id::text, 'erased, and the words of ' || w.what || ' are still there', '-infinity'
from assessments.candidates c
join (select d.candidate_id, 'an appeal' as what from assessments.appeals a
      join assessments.decisions d on d.id = a.decision_id
      where a.grounds <> '–' or coalesce(a.motivation, '–') <> '–'
      union all
      select d.candidate_id, 'a mediation' from assessments.mediations m
      join assessments.appeals a on a.id = m.appeal_id
      join assessments.decisions d on d.id = a.decision_id where m.note not in ('', '–')
      union all
      select f.candidate_id, 'a complaint' from assessments.complaints f
      where f.complaint <> '–' or coalesce(f.answer, '–') <> '–') w on w.candidate_id = c.id
where c.erased_at is not null
union all
select a.id::text, 'erased, and still known by ' || concat_ws(', ',
           case when a.given_name <> '–' or a.family_name <> left(a.id::text, 8) then 'name' end,
           case when a.email not like '%.invalid' then 'address' end,
           case when a.employer is not null then 'employer' end), '-infinity'
from assessments.assessors a
where a.erased_at is not null
  and (a.given_name <> '–' or a.family_name <> left(a.id::text, 8) or a.email not like '%.invalid' or a.employer is not null)
union all
select a.id::text, 'erased, and still has an account', '-infinity'
from assessments.assessors a join service.accounts k on k.assessor_id = a.id
where a.erased_at is not null and (k.disabled_at is null or k.email not like '%.invalid')
union all
select a.id::text, 'erased, and ' || w.what || ' is still there', '-infinity'
from assessments.assessors a
join (select v.assessor_id, 'a declaration of interests' as what from assessments.undertakings v where v.statement <> ''
      union all
      select j.assessor_id, 'why they sat' from scheduling.jury_seats j where j.despite <> '–'
      union all
      select h.assessor_id, 'when they could come' from scheduling.availability h
      union all
      select x.assessor_id, 'when they could come' from scheduling.availability_exceptions x
      union all
      select b.assessor_id, 'their own calendar' from scheduling.busy_times b) w on w.assessor_id = a.id
where a.erased_at is not null;
