-- 18. Of an erased candidate nothing is left that says who they were: no name, no address, no phone, of the birth date
-- the year; nobody can sign in as them. What counts people survives: attempts, decisions, the register.
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
where c.erased_at is not null and (a.disabled_at is null or a.email not like '%.invalid');
