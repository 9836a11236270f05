-- 10. When a session started, everyone in the room had been identified and had signed the test contract.
create view service.violations_10_contracts (subject, detail, since) as
select b.id::text, case when b.checked_in_at is null then 'not checked in'
                        when b.contract_signed_at is null then 'no contract'
                        else 'the contract was signed after the start' end, '-infinity'::timestamptz
from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
where s.started_at is not null and b.released_at is null and b.confirmed_at is not null
  and (b.checked_in_at is null or b.contract_signed_at is null or b.contract_signed_at > s.started_at)
union all
select b.id::text, 'judged without a contract', '-infinity'
from assessments.deliberations l join scheduling.bookings b on b.id = l.booking_id
where b.contract_signed_at is null or b.attended_at is null;
