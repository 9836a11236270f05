-- What an EVC recognises is a certification decision like any other: it is released, appealed against and revised in the same
-- way, and it brings a certificate, which says what kind of recognition it is. So a decision says either what a jury decided
-- or what was recognised; the release is the decision's.

alter table assessments.recognitions
    add column revises uuid unique references assessments.recognitions,
    drop constraint already_recognised;
create unique index already_recognised on assessments.recognitions (booking_id) where revises is null;

alter table assessments.decisions
    alter column deliberation_id drop not null,
    add column recognition_id uuid unique references assessments.recognitions,
    add check ((deliberation_id is null) <> (recognition_id is null));

-- A decision says what it was taken on: the jury's outcome, or a recognition (a pass, if there is anything in it).
create or replace function assessments.guard_decision() returns trigger language plpgsql as $$
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
    if new.recognition_id is not null and not exists (
            select from assessments.recognitions r
            where r.id = new.recognition_id and r.booking_id = new.booking_id and r.decided_by = new.taken_by
              and (r.competences <> '{}') = (new.outcome = 'pass') and (r.revises is null) = (new.revises is null)) then
        perform service.refuse('decision_differs_from_jury');
    end if;
    if new.recognition_id is null and new.revises is null and not exists (
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

insert into assessments.decisions (booking_id, recognition_id, candidate_id, unit_id, outcome, profile, taken_by, taken_at,
                                   released_at, released_by)
select b.id, r.id, b.candidate_id, b.unit_id, case when r.competences = '{}' then 'fail' else 'pass' end, s.decision_profile,
       r.decided_by, r.decided_at, r.released_at, r.released_by
from assessments.recognitions r join scheduling.bookings b on b.id = r.booking_id
join assessments.units u on u.id = b.unit_id join assessments.trades t on t.id = u.trade_id
join assessments.schemes s on s.code = t.scheme;
insert into service.outbox (topic, aggregate, payload, occurred_at)
select 'decision.released', d.booking_id, jsonb_build_object('decision_id', d.id, 'booking_id', d.booking_id,
           'candidate_id', d.candidate_id, 'unit_id', d.unit_id, 'outcome', d.outcome, 'session_id', b.session_id), d.released_at
from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
where d.recognition_id is not null and d.released_at is not null;

create or replace function assessments.guard_recognition() returns trigger language plpgsql as $$
declare
    scheme assessments.schemes;
begin
    if tg_op = 'UPDATE' then
        if new.motivation = '–' and to_jsonb(new) - 'motivation' = to_jsonb(old) - 'motivation'
           and assessments.is_erased(old.booking_id) then
            return new;
        end if;
        raise exception 'a recognition is not rewritten' using errcode = 'check_violation';
    end if;
    perform from scheduling.bookings b where b.id = new.booking_id for no key update;
    perform from assessments.candidates c join scheduling.bookings b on b.candidate_id = c.id
        where b.id = new.booking_id for key share of c;
    select s.* into scheme from scheduling.bookings b join assessments.units u on u.id = b.unit_id
        join assessments.trades t on t.id = u.trade_id join assessments.schemes s on s.code = t.scheme
        where b.id = new.booking_id;
    if not new.result = any (scheme.result_types) then
        perform service.refuse('not_a_recognition');
    end if;
    if exists (select from assessments.new_tests n where n.booking_id = new.booking_id) then
        perform service.refuse('test_annulled');
    end if;
    if (select count(*) filter (where r.submitted_at is not null) < scheme.evaluators_min
            or bool_or(r.submitted_at is null)
        from assessments.recordings r where r.booking_id = new.booking_id and r.role = 'evaluator') then
        perform service.refuse('recognition_too_early');
    end if;
    if new.revises is null and assessments.jury_is_tied(new.booking_id) then
        perform service.refuse('jury_knows_candidate');
    end if;
    if exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
               where b.id = new.booking_id and j.assessor_id = new.decided_by) then
        perform service.refuse('decider_examined');
    end if;
    if exists (select from scheduling.bookings b join assessments.links l on l.candidate_id = b.candidate_id
               where b.id = new.booking_id and l.assessor_id = new.decided_by and l.ended_at is null) then
        perform service.refuse('decider_knows_candidate');
    end if;
    if not new.competences <@ array(
            select c ->> 'code' from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
            join assessments.standards st on st.id = s.standard_id
            cross join lateral jsonb_array_elements(st.grid -> 'criteria') c where b.id = new.booking_id) then
        perform service.refuse('indicator_unknown');
    end if;
    return new;
end $$;

-- What a recognition rests on does not change any more: like a deliberation it ends corrections, and a tie that comes to
-- light afterwards is a matter for an appeal. (By the order of names after the guards that lock the booking.)
create function assessments.guard_recognised() returns trigger language plpgsql as $$
begin
    if exists (select from assessments.recognitions r where r.booking_id = new.booking_id) then
        perform service.refuse('already_deliberated');
    end if;
    return new;
end $$;
create trigger guard_recognised before insert on assessments.recordings
    for each row execute function assessments.guard_recognised();
create trigger guard_recognised before insert on assessments.entries
    for each row when (new.kind = 'correction') execute function assessments.guard_recognised();
create trigger guard_recognised before insert on assessments.new_tests
    for each row when (new.cause = 'conflict') execute function assessments.guard_recognised();

-- Released is the decision, with it what it says.
create or replace function assessments.is_told(a_booking uuid) returns boolean language sql stable return
    exists (select from assessments.decisions d where d.booking_id = a_booking and d.released_at is not null)
    or exists (select from assessments.profiles p where p.booking_id = a_booking);
drop policy told on assessments.recognitions;
create policy told on assessments.recognitions for select to preuve_application
    using ((select service.acting_candidate()) is not null and exists (
        select from assessments.decisions d where d.recognition_id = recognitions.id and d.released_at is not null
          and d.candidate_id = (select service.acting_candidate())));
create policy review on assessments.recognitions to preuve_application
    using ((select service.acting_assessor()) is not null and assessments.is_mine_to_review(booking_id));
alter table assessments.recognitions drop column released_at, drop column released_by;

-- What is recognised has no deliberation, and is decided all the same.
create or replace function assessments.undeliberated(a_session uuid) returns int language sql stable return (
    select count(*)::int from scheduling.bookings b
    where b.session_id = a_session and b.attended_at is not null
      and not exists (select from assessments.deliberations l where l.booking_id = b.id)
      and not exists (select from assessments.recognitions r where r.booking_id = b.id)
      and not exists (select from assessments.new_tests n where n.booking_id = b.id));

-- The certificate says what kind of recognition it is, and of which competences, in the words of that day.
alter table certificates.register
    add column recognised  text check (recognised in ('full-qualification', 'part-qualification', 'competences')),
    add column competences jsonb not null default '[]' check (jsonb_typeof(competences) = 'array'),
    add check (recognised is not null or competences = '[]');

-- Somebody whose qualification is recognised in part may come again for the rest.
create function certificates.is_whole(k certificates.register) returns boolean language sql immutable return
    k.recognised is null or k.recognised = 'full-qualification';
