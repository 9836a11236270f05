-- 9. One live booking per candidate and unit; none, and none made, while its Titre is issued and not withdrawn.
create view service.violations_09_live_bookings (subject, detail, since) as
select candidate_id::text, format('%s live bookings of unit %s', count(*), unit_id), '-infinity'::timestamptz
from scheduling.bookings where released_at is null and closed_at is null
group by candidate_id, unit_id having count(*) > 1
union all
select b.id::text, format('the candidate holds certificate %s of the unit', r.id), '-infinity'
from certificates.register r
join scheduling.bookings b on b.candidate_id = r.candidate_id and b.unit_id = r.unit_id
where b.released_at is null and certificates.is_whole(r)
  and ((b.closed_at is null and r.withdrawn_at is null)
    or (b.booked_at > r.issued_at and (r.withdrawn_at is null or r.withdrawn_at > b.booked_at)));
