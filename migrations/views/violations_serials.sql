-- The serials of a year run from 1 without a gap, in the year of the certificate's issue (the second half of 13).
create view service.violations_serials (subject, detail, since) as
select year::text, format('%s certificates, numbers %s to %s, last given %s', k.issued, k.least, k.most, n.last),
       '-infinity'::timestamptz
from (select r.year, count(*) as issued, count(distinct r.number) as numbers, min(r.number) as least, max(r.number) as most
      from certificates.register r group by r.year) k
full join certificates.numbers n using (year)
where coalesce(k.issued, 0) is distinct from n.last or k.issued <> k.numbers or k.least <> 1 or k.most <> k.issued
union all
select id::text, format('number %s of %s was issued on %s', number, year, service.day(issued_at)), '-infinity'
from certificates.register where year <> extract(year from service.day(issued_at));
