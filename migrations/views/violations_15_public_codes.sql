-- 15. What the public reads names nobody: public codes are whole, so that none is found by trying, and unlike each
-- other; and the views behind public pages and calendars read no column that says who somebody is.
create view service.violations_15_public_codes (subject, detail, since) as
select id::text, 'its public code is not one that certificates/codes.py makes', '-infinity'::timestamptz
from certificates.register where public_code !~ '^PRV(-[0-9A-HJKMNP-TV-Z]{4}){7}$'
union all
select min(id::text), format('%s certificates share one public code', count(*)), '-infinity'
from certificates.register group by public_code having count(*) > 1
union all
select format('%I.%I', n.nspname, v.relname), format('reads %I.%I', t.relname, a.attname), '-infinity'
from pg_class v
join pg_namespace n on n.oid = v.relnamespace
join pg_rewrite w on w.ev_class = v.oid
join pg_depend p on p.classid = 'pg_rewrite'::regclass and p.objid = w.oid and p.refclassid = 'pg_class'::regclass
join pg_attribute a on a.attrelid = p.refobjid and a.attnum = p.refobjsubid
join pg_class t on t.oid = a.attrelid
join pg_namespace o on o.oid = t.relnamespace
where n.nspname = 'scheduling' and v.relname in ('places', 'calendar')
  and o.nspname || '.' || t.relname in ('assessments.candidates', 'assessments.assessors', 'certificates.register')
  and a.attname in ('given_name', 'family_name', 'holder_name', 'birth_date', 'email', 'phone', 'gender');
