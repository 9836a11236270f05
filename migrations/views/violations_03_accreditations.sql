-- 3. A session of a scheme that needs it has an accreditation of its centre for its trade on all its days.
create view service.violations_03_accreditations (subject, detail, since) as
select s.id::text, format('no accreditation of %s for %s covers it', s.centre_id, t.code), '-infinity'::timestamptz
from scheduling.sessions s
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme
where k.needs_accreditation and s.opened_at is not null and s.cancelled_at is null
  and not exists (select from assessments.accreditations a
                  where a.centre_id = s.centre_id and a.trade_id = t.id
                    and a.valid @> daterange(service.day(lower(s.test_time)), service.day(upper(s.test_time)), '[]'));
