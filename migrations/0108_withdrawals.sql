-- Withdrawing from a unit. Nobody withdraws who has a place for it, or to whom an answer about it is owed; and nobody is given
-- a place for a unit that they withdrew from: booking, waiting and a draw open the file again first (assessments.enrol).
-- Whichever comes first, both meet under the lock of a person's bookings.

-- What stands between a candidate and withdrawing from a unit, nearest first. What is only held is a place as well, also past
-- its time: until it is released it might be confirmed at this moment.
create function assessments.withdrawal_refusals(a_candidate uuid, a_unit uuid) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return query select r.rule from (values
        (1, 'still_booked', exists (
            select from scheduling.bookings b
            where b.candidate_id = a_candidate and b.unit_id = a_unit and b.released_at is null and b.attended_at is null
              and b.closed_at is null)),
        (2, 'outcome_under_way', exists (
            select from scheduling.bookings b
            where b.candidate_id = a_candidate and b.unit_id = a_unit and b.released_at is null
              and b.attended_at is not null and b.closed_at is null)
            or exists (
            select from assessments.appeals a join assessments.decisions d on d.id = a.decision_id
            where d.candidate_id = a_candidate and d.unit_id = a_unit
              and (a.answered_at is null or a.outcome = 'upheld' and d.superseded_at is null))
            or exists (
            select from assessments.decisions d
            where d.candidate_id = a_candidate and d.unit_id = a_unit and d.superseded_at is null
              and (d.released_at is null or d.outcome = 'pass'
                   and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id)
                   and not exists (select from certificates.register k where k.decision_id = d.id)))),
        (3, 'titre_already_held', exists (
            select from certificates.register k
            where k.candidate_id = a_candidate and k.unit_id = a_unit and k.withdrawn_at is null and certificates.is_whole(k)))
        ) as r (position, rule, broken)
        where r.broken order by r.position;
end $$;

create function assessments.guard_withdrawal() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    rule text;
begin
    perform pg_advisory_xact_lock(16, hashtext(new.candidate_id::text));
    select r into rule from assessments.withdrawal_refusals(new.candidate_id, new.unit_id) r limit 1;
    if rule is not null then
        perform service.refuse(rule);
    end if;
    return new;
end $$;
create trigger guard_withdrawal before update of withdrawn_at on assessments.enrolments for each row
    when (old.withdrawn_at is null and new.withdrawn_at is not null) execute function assessments.guard_withdrawal();

-- New bookings, as in migrations/0080_ledger_in_sets.sql, and last of all: not for a file that is closed.
create or replace function scheduling.guard_bookings() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    broken text;
begin
    perform pg_advisory_xact_lock(16, o.person)
        from (select hashtext(f.candidate_id::text) as person from fresh f order by 1) o;
    perform from assessments.candidates c
        where c.id in (select f.candidate_id from fresh f) order by c.id for key share;
    select r into broken from fresh f cross join lateral scheduling.booking_conditions(f.candidate_id, f.session_id) r limit 1;
    if broken is not null then
        perform service.refuse(broken);
    end if;
    perform from (select f.candidate_id, f.during from fresh f join assessments.assessors a on a.id = f.candidate_id
                  order by f.candidate_id offset 0) o
        where scheduling.assists_elsewhere(o.candidate_id, o.during);
    if found then
        perform service.refuse('candidate_busy');
    end if;
    if exists (select from fresh f join assessments.candidates c on c.id = f.candidate_id where c.erased_at is not null) then
        perform service.refuse('candidate_erased');
    end if;
    if exists (select from fresh f join assessments.enrolments e on e.candidate_id = f.candidate_id and e.unit_id = f.unit_id
               where e.withdrawn_at is not null) then
        perform service.refuse('enrolment_withdrawn');
    end if;
    if exists (select from fresh f where f.extra_minutes < scheduling.extra_minutes(f.candidate_id, f.test_time)) then
        -- Asked again, the same booking with the right time may well succeed.
        raise exception 'a measure was granted meanwhile' using errcode = 'serialization_failure';
    end if;
    return null;
end $$;
