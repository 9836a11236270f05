-- Privacy: sealed national numbers, consents and what is shared under them, exports, erasures, retention.

-- Only who holds the keys, which are not in the database, can read or compare a number. sealed: AES-GCM nonce, eleven
-- digits, tag; bound to the candidate, so that a row copied to somebody else does not open. lookup: HMAC-SHA256.
create table assessments.national_numbers (
    candidate_id uuid primary key references assessments.candidates,
    sealed       bytea not null check (length(sealed) = 12 + 11 + 16),
    key_id       text not null,
    lookup       bytea not null check (length(lookup) = 32),
    recorded_at  timestamptz not null,
    constraint national_number_known unique (lookup)
);
create index on assessments.national_numbers (key_id);

-- Attendance or results go to nobody without one. unit_id: of this unit only; null: of every test.
create table assessments.consents (
    id             uuid primary key default gen_random_uuid(),
    candidate_id   uuid not null references assessments.candidates,
    scope          text not null check (scope in ('attendance', 'result')),
    unit_id        uuid references assessments.units,
    recipient_kind text not null check (recipient_kind in ('employer', 'actiris', 'trainer')),
    recipient_name text not null constraint recipient_missing check (btrim(recipient_name) <> ''),
    purpose        text not null constraint purpose_missing check (btrim(purpose) <> ''),
    given_at       timestamptz not null,
    expires_at     timestamptz not null check (expires_at > given_at),
    withdrawn_at   timestamptz
);
create index on assessments.consents (candidate_id);

-- An address under which the recipient of one consent reads what it covers, as long as it covers it.
create table service.share_links (
    id         uuid primary key default gen_random_uuid(),
    consent_id uuid not null references assessments.consents on delete cascade,
    token_hash bytea not null unique check (length(token_hash) = 32),
    created_at timestamptz not null,
    revoked_at timestamptz
);
create index on service.share_links (consent_id);

-- When a shared address was read. Nothing about who read it: the candidate knows whom they gave it to.
create table service.share_views (
    id      bigint generated always as identity primary key,
    link_id uuid not null references service.share_links on delete cascade,
    seen_at timestamptz not null
);
create index on service.share_views (link_id);

-- A copy of everything we hold about a person, made by the worker, kept for some days.
create table service.exports (
    id           uuid primary key default gen_random_uuid(),
    candidate_id uuid not null references assessments.candidates,
    language     service.language not null,
    asked_at     timestamptz not null,
    progress     int not null default 0 check (progress between 0 and 100),
    ready_at     timestamptz,
    expires_at   timestamptz,
    archive      bytea,
    check ((ready_at is null) = (archive is null) and (ready_at is null) = (expires_at is null)),
    check ((ready_at is null) = (progress < 100))
);
create unique index on service.exports (candidate_id) where ready_at is null;

-- Who asked to be erased, or was idle for too long, and when it was done. It waits while a result is under way.
create table service.erasures (
    candidate_id   uuid primary key references assessments.candidates,
    asked_at       timestamptz not null,
    carried_out_at timestamptz
);

-- One night's clearing out: what went, by kind.
create table service.retention (
    day      date primary key,
    began_at timestamptz not null,
    ended_at timestamptz,
    gone     jsonb not null default '{}'
);

-- In the audit trail: that a number came, changed or went, never the number, and not that it was sealed anew; a consent
-- without its recipient and purpose.
create trigger audit after insert or delete on assessments.national_numbers
    for each row execute function service.record_change('national_number');
create trigger audit_change after update on assessments.national_numbers for each row
    when (old.lookup is distinct from new.lookup) execute function service.record_change('national_number');
create trigger audit after insert or update or delete on assessments.consents
    for each row execute function service.record_change('consent', 'scope');

-- Whether anything happened with a candidate since a moment: what retention goes by.
create function assessments.active_since(a_candidate uuid, moment timestamptz) returns boolean language sql stable return
    exists (select from assessments.candidates c where c.id = a_candidate and c.registered_at >= moment)
    or exists (select from assessments.enrolments e
               where e.candidate_id = a_candidate and greatest(e.enrolled_at, e.guided_at, e.withdrawn_at) >= moment)
    or exists (select from scheduling.bookings b
               where b.candidate_id = a_candidate and (upper(b.during) >= moment or b.changed_at >= moment
                     or (b.released_at is null and b.closed_at is null)))
    or exists (select from service.logins l join service.accounts a on a.id = l.account_id
               where a.candidate_id = a_candidate and l.seen_at >= moment);

-- Whether the candidate was told what came of a booking: before, nothing that the jury wrote leaves the house.
create function assessments.is_told(a_booking uuid) returns boolean language sql stable return
    exists (select from assessments.decisions d where d.booking_id = a_booking and d.released_at is not null)
    or exists (select from assessments.profiles p where p.booking_id = a_booking);

-- A seat for somebody who is erased while it is being taken: the lock waits for the erasure, and sees it.
create function scheduling.guard_erased() returns trigger language plpgsql as $$
begin
    perform from assessments.candidates c where c.id = new.candidate_id and c.erased_at is null for key share;
    if not found then
        perform service.refuse('candidate_erased');
    end if;
    return new;
end $$;
create trigger guard_erased before insert on scheduling.bookings for each row execute function scheduling.guard_erased();

-- Sealed stays sealed, but for one thing: free text about somebody who is erased is wiped. Marks and votes stay.
create function assessments.is_erased(a_booking uuid) returns boolean language sql stable return exists (
    select from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id
    where b.id = a_booking and c.erased_at is not null);

create or replace function assessments.seal_recording() returns trigger language plpgsql as $$
begin
    if old.submitted_at is not null then
        if new.remarks = '' and to_jsonb(new) - 'remarks' = to_jsonb(old) - 'remarks'
           and assessments.is_erased(old.booking_id) then
            return new;
        end if;
        perform service.refuse('recording_submitted');
    end if;
    if new.submitted_at is not null and exists (
            select from assessments.expected_indicators(new.booking_id, new.role) e(code)
            where not exists (select from assessments.ratings r where r.recording_id = new.id and r.indicator = e.code)) then
        perform service.refuse('rating_missing');
    end if;
    return new;
end $$;

create or replace function assessments.guard_rating() returns trigger language plpgsql as $$
declare
    recording assessments.recordings;
begin
    select * into recording from assessments.recordings r where r.id = coalesce(new.recording_id, old.recording_id) for share;
    if recording.submitted_at is not null then
        if tg_op = 'UPDATE' and new.reason = '–' and to_jsonb(new) - 'reason' = to_jsonb(old) - 'reason'
           and assessments.is_erased(recording.booking_id) then
            return new;
        end if;
        perform service.refuse('recording_submitted');
    end if;
    if tg_op <> 'DELETE' and not exists (
            select from assessments.expected_indicators(recording.booking_id, recording.role) e(code) where e.code = new.indicator) then
        perform service.refuse('indicator_unknown');
    end if;
    return coalesce(new, old);
end $$;
