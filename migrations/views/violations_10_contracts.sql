-- 10. Whoever takes a test had been identified and had signed the test contract when it began for them; nobody else was in
-- the room. In a test under way what was noted by mistake is taken back, and noted anew before it ends.
create view service.violations_10_contracts (subject, detail, since) as
select b.id::text, case when b.checked_in_at is null then 'not checked in'
                        when b.contract_signed_at is null then 'no contract'
                        when b.attended_at is null then 'neither present nor absent'
                        else 'the contract was signed after the start' end, '-infinity'::timestamptz
from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
where s.started_at is not null and b.released_at is null and b.confirmed_at is not null
  and (b.attended_at is not null or s.ended_at is not null)
  and (b.checked_in_at is null or b.contract_signed_at is null or b.attended_at is null
       or b.contract_signed_at > b.attended_at)
union all
select b.id::text, 'judged without a contract', '-infinity'
from assessments.deliberations l join scheduling.bookings b on b.id = l.booking_id
where b.contract_signed_at is null or b.attended_at is null;
