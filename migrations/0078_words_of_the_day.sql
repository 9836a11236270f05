-- The words of a test go before its marks: what was remarked, noted and given as a reason serves while a result can be
-- contested, and is about a person for as long as it is there. Marks, votes, seals and the reasons of decisions stay.

-- Whether a test was told, annulled or cancelled before then, and nothing about it is still to come.
create function assessments.is_settled(a_booking uuid, before timestamptz) returns boolean language sql stable return (
    assessments.is_told(a_booking)
    or exists (select from assessments.new_tests n where n.booking_id = a_booking and n.granted_at < before)
    or exists (select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
               where b.id = a_booking and s.cancelled_at < before))
    and not exists (
        select from assessments.decisions d left join assessments.appeals a on a.decision_id = d.id
        where d.booking_id = a_booking
          and (d.released_at is null or d.released_at >= before or (a.id is not null and coalesce(a.answered_at, 'infinity') >= before)))
    and not exists (select from assessments.profiles p where p.booking_id = a_booking and p.released_at >= before);

-- Sealed stays sealed, but for this: the words go of who is erased, and by the clearing of the night those of what is settled.
create function assessments.words_may_go(a_booking uuid) returns boolean language sql stable return
    assessments.is_erased(a_booking) or (service.acting_role() = 'house' and assessments.is_settled(a_booking, 'infinity'));

create or replace function assessments.seal_recording() returns trigger language plpgsql as $$
begin
    if old.submitted_at is not null then
        if new.remarks = '' and to_jsonb(new) - 'remarks' = to_jsonb(old) - 'remarks'
           and assessments.words_may_go(old.booking_id) then
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
           and assessments.words_may_go(recording.booking_id) then
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

create or replace function assessments.keep_entry() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if to_jsonb(new) - '{reason,motive,said}'::text[] = to_jsonb(old) - '{reason,motive,said}'::text[]
           and old.said @> new.said and new.reason in ('', '–') and new.motive in ('', '–')
           and assessments.words_may_go(old.booking_id) then
            return new;
        end if;
    end if;
    raise exception 'entries are only ever added to' using errcode = 'check_violation';
end $$;
