-- Holds: a seat kept for a short while, until the candidate confirms it. A hold is a booking like any other, with all its
-- constraints; it has a time limit, and no moment of confirmation yet. Past its time it is as good as released: it can
-- no longer be confirmed, and whoever needs its seat or its candidate's time releases it first.

alter table scheduling.bookings
    add column held_until   timestamptz,
    add column confirmed_at timestamptz;
alter table scheduling.bookings disable trigger user;   -- what was booked was confirmed: no news, and nothing to audit
update scheduling.bookings set confirmed_at = booked_at;
alter table scheduling.bookings enable trigger user;
alter table scheduling.bookings
    add check (confirmed_at is not null or held_until is not null),
    add check (confirmed_at is not null or (convoked_at is null and checked_in_at is null)),
    drop constraint bookings_release_check,
    add constraint bookings_release_check check (release in (
        'cancelled_early', 'cancelled_late', 'cancelled_by_centre', 'no_show', 'excused', 'turned_away', 'expired',
        'rescheduled', 'declined'));
create index on scheduling.bookings (candidate_id) where confirmed_at is null and released_at is null;
create index on scheduling.bookings (session_id) where confirmed_at is null and released_at is null;

-- A hold whose time is over at that moment.
create function scheduling.lapsed(b scheduling.bookings, moment timestamptz) returns boolean language sql immutable return
    b.confirmed_at is null and b.held_until <= moment and b.released_at is null;

-- All that stands between a candidate and a session at a moment, nearest first; what lapsed stands in nobody's way.
create or replace function scheduling.booking_refusals(a_candidate uuid, a_session uuid, moment timestamptz)
returns setof text language sql stable begin atomic
    select r.rule from (
        select 1 as position, 'session_not_open' as rule from scheduling.sessions s
            where s.id = a_session and not (s.opened_at is not null and s.locked_at is null
                                            and s.cancelled_at is null and lower(s.test_time) > moment)
        union all
        select 2, 'unit_already_booked' from scheduling.sessions s join scheduling.bookings b on b.unit_id = s.unit_id
            where s.id = a_session and b.candidate_id = a_candidate and b.released_at is null and b.closed_at is null
              and not scheduling.lapsed(b, moment)
        union all
        select 3, condition from scheduling.booking_conditions(a_candidate, a_session) condition
        union all
        select 4, 'candidate_busy' from scheduling.sessions s
            where s.id = a_session and exists (
                select from scheduling.bookings b
                where b.candidate_id = a_candidate and b.released_at is null and b.session_id <> s.id
                  and b.during && s.test_time and not scheduling.lapsed(b, moment))
        union all
        select 5, 'session_full' from scheduling.sessions s
            where s.id = a_session and s.taken >= s.seats and s.taken - (
                select count(*) from scheduling.bookings b
                where b.session_id = s.id and scheduling.lapsed(b, moment)) >= s.seats
    ) r order by r.position;
end;

-- An absence, and the reason the candidate gives for it; the centre excuses it, or does not and says why.
create table scheduling.excuses (
    id          uuid primary key default gen_random_uuid(),
    booking_id  uuid not null references scheduling.bookings,
    reason      text not null constraint excuse_unmotivated check (btrim(reason) <> ''),
    asked_at    timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid,
    refused_at  timestamptz,
    refused_by  uuid,
    motivation  text,
    check (accepted_at is null or refused_at is null),
    constraint excuse_refusal_unmotivated check (refused_at is null or coalesce(btrim(motivation), '') <> ''),
    constraint excuse_already_asked unique (booking_id)
);
create index on scheduling.excuses (asked_at) where accepted_at is null and refused_at is null;

-- Who came and who did not is the register's; the reason for an absence is nobody else's.
create trigger audit after insert or update or delete on scheduling.excuses
    for each row execute function service.record_change('excuse');
