-- Assessors take a copy of what is held about them, and may ask to be forgotten. Who asked gets no new duties; erased they are
-- as soon as nobody waits for them any more. Ids, seats, qualifications and seals stay: what they judged has to hold.

alter table assessments.assessors
    add column leaving_at timestamptz,                                     -- they asked to be forgotten
    add column erased_at  timestamptz,
    add check (erased_at is null or retired_at is not null);

-- What an erasure has to wait for; empty: nothing. seat: a jury or a candidate still counts on them. result: of a test they
-- judged something is not known yet. appeal: one is open against what they judged, before them, or may still be lodged.
-- account: somebody works for a centre under their name.
create function assessments.leaving_awaits(an_assessor uuid, at timestamptz) returns text[] language plpgsql stable
security definer set search_path = pg_catalog, pg_temp as $$ begin
    if service.acting_role() not in ('house', 'administrator') and not service.plans()
       and service.acting_assessor() is distinct from an_assessor then
        return null;
    end if;
    return array(
        select w.what from (values
            ('seat', 1, exists (
                select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                where j.assessor_id = an_assessor and j.released_at is null
                  and s.ended_at is null and s.closed_at is null and s.cancelled_at is null)
                or exists (
                select from scheduling.companions c join scheduling.sessions s on s.id = c.session_id
                where c.assessor_id = an_assessor and c.released_at is null
                  and s.ended_at is null and s.closed_at is null and s.cancelled_at is null)),
            ('result', 2, exists (
                select from scheduling.jury_seats j join scheduling.bookings b on b.session_id = j.session_id
                where j.assessor_id = an_assessor and j.released_at is null and b.attended_at is not null
                  and (b.closed_at is null or exists (
                      select from assessments.decisions d
                      where d.booking_id = b.id and d.released_at is null and d.superseded_at is null)))),
            ('appeal', 3, exists (
                select from assessments.decisions d
                join scheduling.bookings b on b.id = d.booking_id
                join assessments.units u on u.id = b.unit_id
                join assessments.trades t on t.id = u.trade_id
                join assessments.schemes k on k.code = t.scheme
                where d.superseded_at is null
                  and (d.taken_by = an_assessor or exists (
                      select from scheduling.jury_seats j
                      where j.session_id = b.session_id and j.assessor_id = an_assessor and j.released_at is null))
                  and (d.released_at + make_interval(days => k.appeal_days) > at or exists (
                      select from assessments.appeals a
                      where a.decision_id = d.id and (a.answered_at is null or a.outcome = 'upheld'))))
                or exists (
                select from assessments.appeal_reviewers w
                join assessments.appeals a on a.id = w.appeal_id join assessments.decisions d on d.id = a.decision_id
                where w.assessor_id = an_assessor
                  and (a.answered_at is null or (a.outcome = 'upheld' and d.superseded_at is null)))),
            ('account', 4, exists (
                select from service.accounts k
                where k.assessor_id = an_assessor and k.role <> 'assessor' and k.disabled_at is null))
        ) as w (what, position, awaited)
        where w.awaited order by w.position);
end $$;

-- No new duty for who retired or asked to be forgotten. The lock waits for a wish that is being written, and sees it.
create function assessments.guard_leaving() returns trigger language plpgsql as $$
begin
    perform from assessments.assessors a
        where a.id = new.assessor_id and a.leaving_at is null and a.retired_at is null for key share;
    if not found then
        perform service.refuse('assessor_leaving');
    end if;
    return new;
end $$;
create trigger guard_leaving before insert on scheduling.jury_seats
    for each row execute function assessments.guard_leaving();
create trigger guard_leaving before insert on scheduling.companions
    for each row execute function assessments.guard_leaving();
create trigger guard_leaving before insert on assessments.appeal_reviewers
    for each row execute function assessments.guard_leaving();

-- A copy is of what is held about a candidate, or about an assessor.
alter table service.exports
    alter column candidate_id drop not null,
    add column assessor_id uuid references assessments.assessors,
    add check (num_nonnulls(candidate_id, assessor_id) = 1);
create unique index on service.exports (assessor_id) where ready_at is null;
create policy assessing on service.exports to preuve_application
    using (assessor_id = (select service.acting_assessor()));
