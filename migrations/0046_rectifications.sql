-- Rectifications (GDPR, art. 16) of what nobody simply types anew: a date of birth is corrected by whoever has seen a
-- document, an address for letters by whoever reads the mail that was sent to it.

create table service.rectifications (
    id             uuid primary key default gen_random_uuid(),
    candidate_id   uuid not null references assessments.candidates,
    birth_date     date,
    email          text check (email = lower(email)),
    token_hash     bytea unique check (length(token_hash) = 32),
    expires_at     timestamptz,
    asked_at       timestamptz not null,
    asked_by       uuid references service.accounts,
    carried_out_at timestamptz,
    carried_out_by uuid references service.accounts,  -- null for an address: its link was followed
    former         text,                              -- what it replaced; of an address only, to tell it
    ended_at       timestamptz,                       -- a later request took its place, or the document says otherwise
    check (num_nonnulls(birth_date, email) = 1),
    check (num_nonnulls(email, token_hash, expires_at) in (0, 3)),
    check (carried_out_at is null or ended_at is null)
);
create unique index on service.rectifications (candidate_id, (email is null))
    where carried_out_at is null and ended_at is null;
create index on service.rectifications (candidate_id, asked_at);

-- In the audit trail: that it was asked for, carried out or ended, and by whom; never what it says.
create trigger audit after insert or update on service.rectifications
    for each row execute function service.record_change('rectification');

-- Nobody becomes too young for a place that they hold (domain.md, invariant 8).
create function assessments.guard_age() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.bookings b
               join assessments.units u on u.id = b.unit_id
               join assessments.trades t on t.id = u.trade_id
               join assessments.schemes k on k.code = t.scheme
               where b.candidate_id = new.id and b.released_at is null and new.erased_at is null
                 and new.birth_date + make_interval(years => k.minimum_age) > service.day(lower(b.test_time))) then
        perform service.refuse('candidate_too_young');
    end if;
    return new;
end $$;
create trigger guard_age before update of birth_date on assessments.candidates
    for each row when (new.birth_date is distinct from old.birth_date) execute function assessments.guard_age();
