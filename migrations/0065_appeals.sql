-- Appeals step by step: the formal examination, a panel, mediation, and how an appeal ends. A new test annuls the one it
-- takes the place of: that one is no attempt any more.

-- How an appeal ends, beside its answer: it was not admissible, the candidate took it back, a mediation settled it. The
-- answer is 'rejected', 'upheld' (the decision is revised) or 'new_test'. late_for: the deadline that was missed and told.
alter table assessments.appeals
    drop constraint appeals_outcome_check,
    drop constraint answer_unmotivated,
    add constraint appeals_outcome_check check (outcome in (
        'rejected', 'upheld', 'new_test', 'inadmissible', 'withdrawn', 'settled')),
    add constraint answer_unmotivated check (
        answered_at is null or outcome = 'withdrawn' or coalesce(btrim(motivation), '') <> ''),
    add column admissible_by date,                    -- the last day of the formal examination
    add column ruled_at      timestamptz,             -- it is admissible, or ended here
    add column ruled_by      uuid,                    -- an account
    add column answered_by   uuid references assessments.assessors,
    add column late_at       timestamptz,
    add column late_for      date;
update assessments.appeals a set ruled_at = coalesce(
    (select min(w.appointed_at) from assessments.appeal_reviewers w where w.appeal_id = a.id), a.answered_at);
alter table assessments.appeals
    add constraint appeals_ruling_check check (answered_at is null or outcome = 'withdrawn' or ruled_at is not null);

-- Whether somebody of the register had a part in what an appeal is about: the jury, the decision, a review before it.
create function assessments.had_a_part(a_person uuid, an_appeal uuid) returns boolean language sql stable begin atomic
    select exists (
        select from assessments.appeals a
        join assessments.decisions d on d.id = a.decision_id
        join scheduling.bookings b on b.id = d.booking_id
        where a.id = an_appeal
          and (d.taken_by = a_person or d.candidate_id = a_person
               or assessments.conflict(a_person, d.candidate_id, 'reviewer')
               or exists (select from scheduling.jury_seats j where j.session_id = b.session_id and j.assessor_id = a_person)
               or exists (select from assessments.recordings r where r.booking_id = b.id and r.assessor_id = a_person)
               or exists (select from assessments.appeals e
                          join assessments.appeal_reviewers w on w.appeal_id = e.id
                          where e.decision_id = d.revises and w.assessor_id = a_person)));
end;

-- The panel: appointed once the appeal is admitted, out of people who had no part in it.
create or replace function assessments.guard_reviewer() returns trigger language plpgsql as $$
begin
    if not exists (select from assessments.appeals a where a.id = new.appeal_id and a.ruled_at is not null) then
        perform service.refuse('appeal_not_admitted');
    end if;
    if assessments.had_a_part(new.assessor_id, new.appeal_id) then
        perform service.refuse('reviewer_in_jury');
    end if;
    return new;
end $$;

-- Who rules on the form had no part in it either; who answers is of the panel, and still has no tie. What has ended
-- stays, but for the words, which go when their time is over.
create function assessments.guard_appeal() returns trigger language plpgsql as $$
declare
    words constant text[] := '{grounds,motivation}';
begin
    if old.answered_at is not null then
        if to_jsonb(new) - words = to_jsonb(old) - words and new.grounds = '–'
           and coalesce(new.motivation, '–') = '–' then
            return new;
        end if;
        perform service.refuse('appeal_answered');
    end if;
    if old.ruled_at is null and new.ruled_at is not null and exists (
            select from service.accounts k where k.id = new.ruled_by and assessments.had_a_part(k.assessor_id, new.id)) then
        perform service.refuse('ruling_by_jury');
    end if;
    if new.outcome in ('rejected', 'upheld', 'new_test') then
        if not exists (select from assessments.appeal_reviewers w
                       where w.appeal_id = new.id and w.assessor_id = new.answered_by) then
            perform service.refuse('not_a_reviewer');
        end if;
        if assessments.had_a_part(new.answered_by, new.id) then
            perform service.refuse('reviewer_in_jury');
        end if;
    end if;
    return new;
end $$;
create trigger guard before update on assessments.appeals for each row execute function assessments.guard_appeal();

-- A meeting of the candidate and the centre, led by somebody of the panel. Its date may move until it was held.
create table assessments.mediations (
    id         uuid primary key default gen_random_uuid(),
    appeal_id  uuid not null references assessments.appeals,
    led_by     uuid not null,
    meets_at   timestamptz not null,
    minutes    int not null check (minutes > 0),
    place      text not null constraint place_missing check (btrim(place) <> ''),
    sequence   int not null default 0,                -- iCalendar: grows with each change
    planned_at timestamptz not null,
    planned_by uuid,
    changed_at timestamptz not null,
    held_at    timestamptz,
    result     text check (result in ('agreed', 'not_agreed', 'not_held')),
    note       text not null default '',
    check ((held_at is null) = (result is null)),
    constraint mediation_result_missing check (result is null or btrim(note) <> ''),
    foreign key (appeal_id, led_by) references assessments.appeal_reviewers (appeal_id, assessor_id),
    unique (appeal_id)
);
create trigger audit after insert or update or delete on assessments.mediations
    for each row execute function service.record_change('mediation', 'result');

-- The right to a test instead of one that does not count: no attempt, no fee, first in line. Given by the answer to an
-- appeal, or because a tie between jury and candidate came to light before the deliberation.
create table assessments.new_tests (
    booking_id uuid primary key references scheduling.bookings,
    cause      text not null check (cause in ('appeal', 'conflict')),
    appeal_id  uuid unique references assessments.appeals,
    granted_at timestamptz not null,
    granted_by uuid,
    check ((cause = 'appeal') = (appeal_id is not null))
);
create trigger audit after insert or update or delete on assessments.new_tests
    for each row execute function service.record_change('new_test', 'cause');

-- A test that does not count is never deliberated; one that is deliberated is annulled by the answer to an appeal only.
create function assessments.guard_new_test() returns trigger language plpgsql as $$
declare
    sat record;
begin
    perform from scheduling.bookings b where b.id = new.booking_id for no key update;
    if new.cause = 'appeal' then
        if not exists (select from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
                       where a.id = new.appeal_id and a.outcome = 'new_test' and d.booking_id = new.booking_id) then
            raise exception 'no appeal grants this new test' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if exists (select from assessments.deliberations l where l.booking_id = new.booking_id) then
        perform service.refuse('already_deliberated');
    end if;
    if not exists (select from scheduling.bookings b where b.id = new.booking_id and b.attended_at is not null)
       or not assessments.jury_is_tied(new.booking_id) then
        perform service.refuse('no_tie_in_jury');
    end if;
    return new;
end $$;

-- Whether anybody who sits on the jury of a test, or recorded at it, has a tie that bars them.
create function assessments.jury_is_tied(a_booking uuid) returns boolean language sql stable begin atomic
    select exists (
        select from scheduling.bookings b
        join (select j.session_id, null::uuid as booking_id, j.assessor_id, j.role from scheduling.jury_seats j
              where j.released_at is null
              union all
              select null, r.booking_id, r.assessor_id, r.role from assessments.recordings r) x
            on x.session_id = b.session_id or x.booking_id = b.id
        where b.id = a_booking
          and (x.assessor_id = b.candidate_id or assessments.conflict(x.assessor_id, b.candidate_id, x.role)));
end;
create trigger guard before insert on assessments.new_tests
    for each row execute function assessments.guard_new_test();

-- A test that was annulled is no failure.
create or replace function assessments.failures_since_guidance(a_candidate uuid, a_unit uuid) returns int
language sql stable return (
    select count(*)::int from assessments.decisions d
    where d.candidate_id = a_candidate and d.unit_id = a_unit and d.outcome = 'fail'
      and d.released_at is not null and d.superseded_at is null
      and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id)
      and d.released_at > coalesce((select e.guided_at from assessments.enrolments e
                                    where e.candidate_id = a_candidate and e.unit_id = a_unit), '-infinity'));

-- Nor a reason for a certificate.
create or replace function certificates.guard_certificate() returns trigger language plpgsql as $$
begin
    if not exists (select from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
                   join scheduling.sessions s on s.id = b.session_id
                   where d.id = new.decision_id and d.outcome = 'pass' and d.released_at is not null
                     and d.superseded_at is null and d.candidate_id = new.candidate_id and d.unit_id = new.unit_id
                     and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id)
                     and assessments.accredited(s.centre_id, s.unit_id, s.test_time)) then
        raise exception 'no released pass decision of an accredited session: %', new.decision_id using errcode = 'check_violation';
    end if;
    return new;
end $$;

-- Whoever has the right to a new test goes first in line.
alter table scheduling.priorities
    drop constraint priorities_cause_check,
    add constraint priorities_cause_check check (cause in ('turned_away', 'cancelled_by_centre', 'new_test'));
alter table scheduling.priority_groups
    drop constraint priority_groups_name_check,
    add constraint priority_groups_name_check check (name in (
        'new_test', 'turned_away', 'cancelled_by_centre', 'jobseeker', 'worker'));
update scheduling.priority_groups set position = position + 1;
insert into scheduling.priority_groups values ('new_test', 1);
