-- The Flemish recognition of acquired competences (EVC): a result of one of three kinds, and the fee for the test.

-- What is recognised: the whole qualification, a part of it, or single competences (criteria of the grid). Whoever decides
-- was not on the jury; where it is another kind than the grids propose, they say why.
create table assessments.recognitions (
    id          uuid primary key default gen_random_uuid(),
    booking_id  uuid not null references scheduling.bookings,
    proposal    text not null check (proposal in ('full-qualification', 'part-qualification', 'competences')),
    result      text not null check (result in ('full-qualification', 'part-qualification', 'competences')),
    competences text[] not null,
    motivation  text not null default '',
    decided_by  uuid not null references assessments.assessors,
    decided_at  timestamptz not null,
    released_at timestamptz,
    released_by uuid,
    check ((released_at is null) or released_at >= decided_at),
    constraint already_recognised unique (booking_id),
    constraint motivation_missing check (result = proposal or btrim(motivation) <> '')
);

create function assessments.guard_recognition() returns trigger language plpgsql as $$
declare
    scheme assessments.schemes;
begin
    if tg_op = 'UPDATE' then
        if old.released_at is null and to_jsonb(new) - '{released_at,released_by}'::text[]
                                       = to_jsonb(old) - '{released_at,released_by}'::text[] then
            return new;
        end if;
        if new.motivation = '–' and to_jsonb(new) - 'motivation' = to_jsonb(old) - 'motivation'
           and assessments.is_erased(old.booking_id) then
            return new;
        end if;
        raise exception 'a recognition is not rewritten' using errcode = 'check_violation';
    end if;
    perform from scheduling.bookings b where b.id = new.booking_id for no key update;
    select s.* into scheme from scheduling.bookings b join assessments.units u on u.id = b.unit_id
        join assessments.trades t on t.id = u.trade_id join assessments.schemes s on s.code = t.scheme
        where b.id = new.booking_id;
    if not new.result = any (scheme.result_types) then
        perform service.refuse('not_a_recognition');
    end if;
    if (select count(*) filter (where r.submitted_at is not null) < scheme.evaluators_min
            or bool_or(r.submitted_at is null)
        from assessments.recordings r where r.booking_id = new.booking_id and r.role = 'evaluator') then
        perform service.refuse('recognition_too_early');
    end if;
    if exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
               where b.id = new.booking_id and j.assessor_id = new.decided_by) then
        perform service.refuse('decider_examined');
    end if;
    if exists (select from scheduling.bookings b join assessments.links l on l.candidate_id = b.candidate_id
               where b.id = new.booking_id and l.assessor_id = new.decided_by and l.ended_at is null) then
        perform service.refuse('decider_knows_candidate');
    end if;
    return new;
end $$;
create trigger guard before insert or update on assessments.recognitions
    for each row execute function assessments.guard_recognition();
create trigger audit after insert or update or delete on assessments.recognitions
    for each row execute function service.record_change('recognition', 'proposal');

-- A fee that was paid, or not asked for after all, and why. Before, it is due, if the scheme asks one of this candidate.
create table assessments.fees (
    booking_id   uuid primary key references scheduling.bookings,
    amount_cents int not null check (amount_cents > 0),
    settled_as   text not null check (settled_as in ('paid', 'waived')),
    reason       text not null default '',
    settled_at   timestamptz not null,
    settled_by   uuid,
    constraint reason_missing check (settled_as = 'paid' or btrim(reason) <> '')
);
create trigger audit after insert or update or delete on assessments.fees
    for each row execute function service.record_change('fee', 'amount_cents', 'settled_as');

-- Whether the candidate was told what came of a booking: now also of a recognition.
create or replace function assessments.is_told(a_booking uuid) returns boolean language sql stable return
    exists (select from assessments.decisions d where d.booking_id = a_booking and d.released_at is not null)
    or exists (select from assessments.profiles p where p.booking_id = a_booking)
    or exists (select from assessments.recognitions r where r.booking_id = a_booking and r.released_at is not null);
