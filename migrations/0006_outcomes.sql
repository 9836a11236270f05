-- How it went: sealed recordings, the jury's deliberation, the certification decision, appeals.

create table assessments.recordings (
    id           uuid primary key default gen_random_uuid(),
    booking_id   uuid not null references scheduling.bookings,
    assessor_id  uuid not null references assessments.assessors,
    role         text not null check (role in ('evaluator', 'observer')),
    started_at   timestamptz not null,
    remarks      text not null default '',
    submitted_at timestamptz,
    digest       text,                                  -- SHA-256 of what was submitted
    check ((submitted_at is null) = (digest is null)),
    constraint recording_already_started unique (booking_id, assessor_id)
);

create table assessments.ratings (
    recording_id uuid not null references assessments.recordings,
    indicator    text not null,
    rating       text not null check (rating in ('met', 'not_met', 'not_observed')),
    reason       text not null default '',
    rated_at     timestamptz not null,
    primary key (recording_id, indicator),
    constraint reason_missing check (rating <> 'not_observed' or btrim(reason) <> '')
);

-- The grid's result is the proposal, the jury's outcome is the fact; where they differ a motivation is compulsory. What
-- nobody observed is neither met nor not met: where it would decide, the proposal is 'undecided', so that the jury
-- motivates its outcome whichever way it goes.
create table assessments.deliberations (
    id             uuid primary key default gen_random_uuid(),
    booking_id     uuid not null references scheduling.bookings,
    proposal       text not null check (proposal in ('pass', 'fail', 'undecided')),
    evaluator_vote text not null check (evaluator_vote in ('pass', 'fail')),
    observer_vote  text not null check (observer_vote in ('pass', 'fail')),
    manager_vote   text not null check (manager_vote in ('pass', 'fail')),
    outcome        text not null check (outcome in ('pass', 'fail')),
    motivation     text not null default '',
    deliberated_at timestamptz not null,
    recorded_by    uuid not null,
    constraint already_deliberated unique (booking_id),
    constraint motivation_missing check (outcome = proposal or btrim(motivation) <> ''),
    constraint outcome_outvoted check ((outcome = 'pass') = (
        (evaluator_vote = 'pass')::int + (observer_vote = 'pass')::int + (manager_vote = 'pass')::int >= 2))
);

-- The certification decision (ISO/IEC 17024, 9.4), of its own. A revised one supersedes; the old one stays.
create table assessments.decisions (
    id              uuid primary key default gen_random_uuid(),
    booking_id      uuid not null references scheduling.bookings,
    deliberation_id uuid not null references assessments.deliberations,
    candidate_id    uuid not null references assessments.candidates,
    unit_id         uuid not null references assessments.units,
    outcome         text not null check (outcome in ('pass', 'fail')),
    profile         text not null check (profile in ('cvdc', 'strict-17024')),
    taken_by        uuid not null references assessments.assessors,
    taken_at        timestamptz not null,
    released_at     timestamptz,
    released_by     uuid,
    revises         uuid references assessments.decisions,
    superseded_at   timestamptz
);
create unique index already_decided on assessments.decisions (booking_id) where superseded_at is null;
create index on assessments.decisions (candidate_id, unit_id);

-- Failures on a unit in any centre since the last guidance, counted from released decisions: nothing to drift.
create function assessments.failures_since_guidance(a_candidate uuid, a_unit uuid) returns int language sql stable return (
    select count(*)::int from assessments.decisions d
    where d.candidate_id = a_candidate and d.unit_id = a_unit and d.outcome = 'fail'
      and d.released_at is not null and d.superseded_at is null
      and d.released_at > coalesce((select e.guided_at from assessments.enrolments e
                                    where e.candidate_id = a_candidate and e.unit_id = a_unit), '-infinity'));

create table assessments.appeals (
    id          uuid primary key default gen_random_uuid(),
    decision_id uuid not null references assessments.decisions,
    grounds     text not null constraint grounds_missing check (btrim(grounds) <> ''),
    lodged_at   timestamptz not null,
    due_on      date not null,
    answered_at timestamptz,
    outcome     text check (outcome in ('rejected', 'upheld')),
    motivation  text,
    check ((answered_at is null) = (outcome is null)),
    constraint answer_unmotivated check (answered_at is null or coalesce(btrim(motivation), '') <> ''),
    constraint already_appealed unique (decision_id)
);

create table assessments.appeal_reviewers (
    appeal_id    uuid not null references assessments.appeals,
    assessor_id  uuid not null references assessments.assessors,
    appointed_at timestamptz not null,
    primary key (appeal_id, assessor_id)
);

-- The profile of a screening: scores by domain, no jury, no Titre.
create table assessments.profiles (
    id           uuid primary key default gen_random_uuid(),
    booking_id   uuid not null references scheduling.bookings,
    recording_id uuid not null references assessments.recordings,
    scores       jsonb not null,
    released_at  timestamptz not null,
    constraint profile_already_released unique (booking_id)
);

-- A recording belongs to a member of that session's jury, for a candidate who was there and is not judged yet. The lock
-- on the booking keeps a recording and the deliberation apart.
create function assessments.guard_recording() returns trigger language plpgsql as $$
begin
    perform from scheduling.bookings b where b.id = new.booking_id for share;
    if not exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
                   where b.id = new.booking_id and j.assessor_id = new.assessor_id and j.role = new.role
                     and j.released_at is null) then
        perform service.refuse('not_in_jury');
    end if;
    if not exists (select from scheduling.bookings b where b.id = new.booking_id and b.attended_at is not null) then
        perform service.refuse('candidate_not_attended');
    end if;
    if exists (select from assessments.deliberations d where d.booking_id = new.booking_id) then
        perform service.refuse('already_deliberated');
    end if;
    return new;
end $$;
create trigger guard before insert on assessments.recordings for each row execute function assessments.guard_recording();

-- What must be rated: every indicator of the grid, and for the observer the conformity check-list too.
create function assessments.expected_indicators(a_booking uuid, a_role text) returns setof text language sql stable begin atomic
    select i ->> 'code' from scheduling.bookings b
        join scheduling.sessions s on s.id = b.session_id
        join assessments.standards st on st.id = s.standard_id
        cross join lateral jsonb_array_elements(st.grid -> 'criteria') c
        cross join lateral jsonb_array_elements(c -> 'indicators') i
        where b.id = a_booking
    union all
    select k ->> 'code' from scheduling.bookings b
        join scheduling.sessions s on s.id = b.session_id
        join assessments.standards st on st.id = s.standard_id
        cross join lateral jsonb_array_elements(coalesce(st.grid -> 'conformity', '[]')) k
        where b.id = a_booking and a_role = 'observer';
end;

-- Submitted means sealed: complete when it is submitted, untouched afterwards.
create function assessments.seal_recording() returns trigger language plpgsql as $$
begin
    if old.submitted_at is not null then
        perform service.refuse('recording_submitted');
    end if;
    if new.submitted_at is not null and exists (
            select from assessments.expected_indicators(new.booking_id, new.role) e(code)
            where not exists (select from assessments.ratings r where r.recording_id = new.id and r.indicator = e.code)) then
        perform service.refuse('rating_missing');
    end if;
    return new;
end $$;
create trigger seal before update on assessments.recordings for each row execute function assessments.seal_recording();

create function assessments.guard_rating() returns trigger language plpgsql as $$
declare
    recording assessments.recordings;
begin
    select * into recording from assessments.recordings r where r.id = coalesce(new.recording_id, old.recording_id) for share;
    if recording.submitted_at is not null then
        perform service.refuse('recording_submitted');
    end if;
    if tg_op <> 'DELETE' and not exists (
            select from assessments.expected_indicators(recording.booking_id, recording.role) e(code) where e.code = new.indicator) then
        perform service.refuse('indicator_unknown');
    end if;
    return coalesce(new, old);
end $$;
create trigger guard before insert or update or delete on assessments.ratings for each row execute function assessments.guard_rating();

-- Deliberation only after an evaluator and an observer have submitted, and nobody is still writing.
create function assessments.guard_deliberation() returns trigger language plpgsql as $$
begin
    perform from scheduling.bookings b where b.id = new.booking_id for no key update;
    if not exists (select from assessments.recordings r
                   where r.booking_id = new.booking_id and r.role = 'evaluator' and r.submitted_at is not null)
       or not exists (select from assessments.recordings r
                      where r.booking_id = new.booking_id and r.role = 'observer' and r.submitted_at is not null)
       or exists (select from assessments.recordings r where r.booking_id = new.booking_id and r.submitted_at is null) then
        perform service.refuse('deliberation_too_early');
    end if;
    return new;
end $$;
create trigger guard before insert on assessments.deliberations for each row execute function assessments.guard_deliberation();

-- Profile cvdc: who decides neither evaluated nor observed. Profile strict-17024: was nobody of the jury. A tie with the
-- candidate bars again at the decision, and a revised decision is taken by a reviewer of the appeal.
create function assessments.guard_decision() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
               where b.id = new.booking_id and j.assessor_id = new.taken_by and j.released_at is null
                 and (j.role <> 'manager' or new.profile = 'strict-17024'))
       or exists (select from assessments.recordings r
                  where r.booking_id = new.booking_id and r.assessor_id = new.taken_by) then
        perform service.refuse('decider_examined');
    end if;
    if assessments.conflict(new.taken_by, new.candidate_id, 'decider') or new.taken_by = new.candidate_id then
        perform service.refuse('decider_knows_candidate');
    end if;
    if new.revises is null and not exists (
            select from assessments.deliberations d where d.id = new.deliberation_id and d.booking_id = new.booking_id
              and d.outcome = new.outcome) then
        perform service.refuse('decision_differs_from_jury');
    end if;
    if new.revises is not null and not exists (
            select from assessments.appeals a join assessments.appeal_reviewers w on w.appeal_id = a.id
            join assessments.decisions d on d.id = a.decision_id
            where d.id = new.revises and d.booking_id = new.booking_id
              and a.outcome = 'upheld' and w.assessor_id = new.taken_by) then
        perform service.refuse('not_a_reviewer');
    end if;
    return new;
end $$;
create trigger guard before insert on assessments.decisions for each row execute function assessments.guard_decision();

-- Who reviews an appeal was not on the jury, did not take the decision and is no party to it.
create function assessments.guard_reviewer() returns trigger language plpgsql as $$
begin
    if exists (select from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
               left join scheduling.bookings b on b.id = d.booking_id
               left join scheduling.jury_seats j on j.session_id = b.session_id and j.assessor_id = new.assessor_id
               where a.id = new.appeal_id
                 and (j.id is not null or d.taken_by = new.assessor_id or d.candidate_id = new.assessor_id
                      or assessments.conflict(new.assessor_id, d.candidate_id, 'reviewer'))) then
        perform service.refuse('reviewer_in_jury');
    end if;
    return new;
end $$;
create trigger guard before insert on assessments.appeal_reviewers for each row execute function assessments.guard_reviewer();
