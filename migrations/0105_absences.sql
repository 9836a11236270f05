-- Nobody is absent before the test has begun: at its hour, or when it was started. A test that is moved afterwards changes
-- nothing about who was absent.
create function scheduling.guard_absence() returns trigger language plpgsql as $$
begin
    if new.released_at < least(lower(new.test_time),
                               (select s.started_at from scheduling.sessions s where s.id = new.session_id)) then
        perform service.refuse('absent_too_early');
    end if;
    return new;
end $$;
create trigger guard_absence before insert or update of release on scheduling.bookings
    for each row when (new.release = 'no_show') execute function scheduling.guard_absence();

-- A check-in or an absence that was noted by mistake is taken back until the test has ended, and while nothing follows from
-- it. The verb has locked the session; a grid that begins meanwhile waits for this row (assessments.guard_recording).
-- Whoever has their place again meets the rules that others may have changed since.
create function scheduling.guard_taking_back() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.sessions s where s.id = old.session_id
                 and (s.ended_at is not null or s.cancelled_at is not null)) then
        perform service.refuse('session_over');
    end if;
    if exists (select from assessments.recordings r where r.booking_id = old.id)
       or exists (select from assessments.recognitions g where g.booking_id = old.id)
       or exists (select from assessments.new_tests n where n.booking_id = old.id)
       or exists (select from scheduling.excuses e where e.booking_id = old.id and e.refused_at is not null) then
        perform service.refuse('attendance_in_use');
    end if;
    if old.released_at is null then
        return new;
    end if;
    perform from assessments.candidates c where c.id = old.candidate_id for key share;
    if exists (select from assessments.candidates c where c.id = old.candidate_id and c.erased_at is not null) then
        perform service.refuse('candidate_erased');
    end if;
    if exists (select from scheduling.booking_conditions(old.candidate_id, old.session_id) r
               where r = 'assessor_knows_candidate') then
        perform service.refuse('assessor_knows_candidate');
    end if;
    if exists (select from assessments.assessors a where a.id = old.candidate_id)
       and scheduling.assists_elsewhere(old.candidate_id, old.during) then
        perform service.refuse('candidate_busy');
    end if;
    return new;
end $$;
create trigger guard_taking_back before update of checked_in_at, attended_at, released_at on scheduling.bookings
    for each row when (old.checked_in_at is not null and new.checked_in_at is null
                       or old.attended_at is not null and new.attended_at is null
                       or old.released_at is not null and new.released_at is null)
    execute function scheduling.guard_taking_back();

-- Who was taken back in a test under way is noted again, as present or as absent, before it ends.
create function scheduling.guard_end() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.bookings b
               where b.session_id = new.id and b.released_at is null and b.attended_at is null) then
        perform service.refuse('presence_unsettled');
    end if;
    return null;
end $$;
create trigger guard_end after update of ended_at on scheduling.sessions
    for each row when (old.ended_at is null and new.ended_at is not null) execute function scheduling.guard_end();
