-- 8. Candidates have the scheme's minimum age, 18, on the test date. Of an erased one no birth date is left to ask.
create view service.violations_08_ages (subject, detail, since) as
select b.id::text, format('under %s on %s', k.minimum_age, service.day(lower(s.test_time))), '-infinity'::timestamptz
from scheduling.bookings b
join scheduling.sessions s on s.id = b.session_id
join assessments.candidates c on c.id = b.candidate_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme
where b.released_at is null and s.cancelled_at is null and c.erased_at is null
  and c.birth_date + make_interval(years => k.minimum_age) > service.day(lower(s.test_time));
