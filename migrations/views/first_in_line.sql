-- Whoever goes first in line for a unit at present: a priority holds until the candidate has a place again, took the test
-- after it was granted, or holds the Titre.
create view scheduling.first_in_line as
select p.candidate_id, p.unit_id, min(p.granted_at) as since
from scheduling.priorities p
join assessments.candidates c on c.id = p.candidate_id and c.erased_at is null
where not exists (select from scheduling.bookings b
                  where b.candidate_id = p.candidate_id and b.unit_id = p.unit_id and b.released_at is null
                    and (b.closed_at is null or b.attended_at > p.granted_at))
  and not exists (select from certificates.register k
                  where k.candidate_id = p.candidate_id and k.unit_id = p.unit_id and k.withdrawn_at is null
                    and certificates.is_whole(k))
group by p.candidate_id, p.unit_id;
