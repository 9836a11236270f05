-- The day of the test: what each member of a jury enters, on whatever device, in the order in which they entered it.

-- Only ever added to. A rating does not overwrite another one: it names those it follows, the ones its author saw when
-- they entered it. What no other entry follows counts. Two that count and differ were entered on two devices without
-- knowing of each other: the indicator has no rating until their author chooses, and the choice follows both.
--
-- id, device and sequence come from the device, so that what is sent twice is stored once; without a device it was
-- entered on a page here. set_aside: kept and shown to its author, but it counts for nothing, and why.
create table assessments.entries (
    id          uuid primary key,
    number      bigint generated always as identity,     -- as they arrived
    booking_id  uuid not null references scheduling.bookings,
    assessor_id uuid not null references assessments.assessors,
    role        text not null check (role in ('evaluator', 'observer')),
    device_id   uuid,
    sequence    int check (sequence > 0),
    kind        text not null check (kind in ('rating', 'choice', 'correction', 'note', 'photo', 'incident', 'timer', 'interruption')),
    indicator   text,
    rating      text check (rating in ('met', 'not_met', 'not_observed')),   -- null: taken back
    reason      text not null default '',
    motive      text not null default '',                -- why this one of two, or why it is corrected
    follows     uuid[] not null default '{}',
    said        jsonb not null default '{}',             -- of the kinds that are no rating
    at          timestamptz not null,                    -- by the device's clock
    received_at timestamptz not null,
    set_aside   text check (set_aside in ('not_in_jury', 'session_cancelled', 'recording_submitted', 'indicator_unknown')),
    digest      text,                                    -- of the recording, once corrected
    check ((device_id is null) = (sequence is null)),
    check ((indicator is not null) = (kind in ('rating', 'choice', 'correction'))),
    check ((digest is not null) = (kind = 'correction')),
    constraint reason_missing check (rating is distinct from 'not_observed' or btrim(reason) <> ''),
    constraint motive_missing check (kind not in ('choice', 'correction') or btrim(motive) <> ''),
    constraint entry_out_of_order unique (assessor_id, device_id, sequence)
);
create index on assessments.entries (booking_id, assessor_id, indicator);

-- A photograph of the work: a JPEG without anything a camera wrote into it. Who may see it: who may read the recording.
-- When its time is over the image goes and its hash stays, of which the recording's digest is made.
create table assessments.photos (
    id          uuid primary key,
    booking_id  uuid not null references scheduling.bookings,
    assessor_id uuid not null references assessments.assessors,
    sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    image       bytea check (length(image) <= 1500000),
    received_at timestamptz not null
);
create index on assessments.photos (booking_id, assessor_id);

-- What counts for each indicator of one assessor's grid; several that differ are a conflict.
create function assessments.entries_that_count(a_booking uuid, an_assessor uuid) returns setof assessments.entries
language sql stable begin atomic
    select e.* from assessments.entries e
    where e.booking_id = a_booking and e.assessor_id = an_assessor and e.indicator is not null and e.set_aside is null
      and not exists (select from assessments.entries f
                      where f.booking_id = a_booking and f.assessor_id = an_assessor and f.indicator = e.indicator
                        and f.set_aside is null and e.id = any (f.follows));
end;

-- Entries stay as they are, but for the words about somebody who is erased.
create function assessments.keep_entry() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if to_jsonb(new) - '{reason,motive,said}'::text[] = to_jsonb(old) - '{reason,motive,said}'::text[]
           and new.said = '{}' and new.reason in ('', '–') and new.motive in ('', '–')
           and assessments.is_erased(old.booking_id) then
            return new;
        end if;
    end if;
    raise exception 'entries are only ever added to' using errcode = 'check_violation';
end $$;
create trigger keep before update or delete on assessments.entries
    for each row execute function assessments.keep_entry();
create trigger keep_all before truncate on assessments.entries
    for each statement execute function assessments.keep_entry();

-- A submitted recording is corrected until the jury deliberates. The lock on the booking keeps the two apart.
create function assessments.guard_correction() returns trigger language plpgsql as $$
begin
    perform from scheduling.bookings b where b.id = new.booking_id for share;
    if exists (select from assessments.deliberations d where d.booking_id = new.booking_id) then
        perform service.refuse('already_deliberated');
    end if;
    if not exists (select from assessments.recordings r where r.booking_id = new.booking_id
                     and r.assessor_id = new.assessor_id and r.submitted_at is not null) then
        perform service.refuse('recording_not_submitted');
    end if;
    return new;
end $$;
create trigger guard_correction before insert on assessments.entries
    for each row when (new.kind = 'correction') execute function assessments.guard_correction();

-- Sealed stays sealed, but for a correction, which is an entry with its reason, and for the words about the erased.
create or replace function assessments.seal_recording() returns trigger language plpgsql as $$
begin
    if old.submitted_at is not null then
        if new.remarks = '' and to_jsonb(new) - 'remarks' = to_jsonb(old) - 'remarks'
           and assessments.is_erased(old.booking_id) then
            return new;
        end if;
        if to_jsonb(new) - 'digest' = to_jsonb(old) - 'digest' and exists (
                select from assessments.entries e where e.booking_id = old.booking_id and e.assessor_id = old.assessor_id
                  and e.kind = 'correction' and e.digest = new.digest and e.set_aside is null)
           and not exists (select from assessments.deliberations d where d.booking_id = old.booking_id) then
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
        if (tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.indicator = old.indicator and new.recording_id = old.recording_id))
           and not exists (select from assessments.deliberations d where d.booking_id = recording.booking_id)
           and exists (select from assessments.entries_that_count(recording.booking_id, recording.assessor_id) e
                       where e.kind = 'correction' and e.indicator = new.indicator and e.rating = new.rating
                         and e.reason = new.reason) then
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

-- In the audit trail: that two entries were settled, that a grid was corrected, that a photograph came or went.
create trigger audit after insert on assessments.entries for each row
    when (new.kind in ('choice', 'correction')) execute function service.record_change('entry', 'kind', 'role', 'indicator');
create trigger audit after insert or update or delete on assessments.photos
    for each row execute function service.record_change('photo', 'sha256');
