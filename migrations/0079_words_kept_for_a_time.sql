-- What a jury wrote is kept for a time (service/retention.toml): afterwards the words go as they do with an erasure, and
-- marks, votes, outcomes and the hashes of what was sealed stay.

-- Since when nothing is to come of a test any more: its result was told, or it does not count; the last day to appeal is
-- past; whoever appealed or complained about it has their answer. A test that was not held (its session cancelled, the
-- candidate not there, the seat given back) is over when the seat was free again: nobody attended such a seat, by a
-- constraint, but a device may have brought entries about it. Null before. The moment may lie ahead.
create function assessments.over_since(a_booking uuid) returns timestamptz language sql stable return
    case when not (assessments.is_told(a_booking)
                   or exists (select from assessments.new_tests n where n.booking_id = a_booking)
                   or exists (select from scheduling.bookings b where b.id = a_booking and b.released_at is not null))
           or exists (select from assessments.decisions d where d.booking_id = a_booking and d.released_at is null)
           or exists (select from assessments.decisions d join assessments.appeals a on a.decision_id = d.id
                      where d.booking_id = a_booking and a.answered_at is null)
           or exists (select from assessments.complaints c
                      where c.booking_id = a_booking and c.answered_at is null and c.withdrawn_at is null) then null
    else greatest(
        -- A day more than the scheme gives: the last one ends at midnight in Brussels.
        (select max(d.released_at + make_interval(days => case k.appeal_days when 0 then 0 else k.appeal_days + 1 end))
         from assessments.decisions d join assessments.units u on u.id = d.unit_id
         join assessments.trades t on t.id = u.trade_id join assessments.schemes k on k.code = t.scheme
         where d.booking_id = a_booking),
        (select max(a.answered_at) from assessments.decisions d join assessments.appeals a on a.decision_id = d.id
         where d.booking_id = a_booking),
        (select max(coalesce(c.answered_at, c.withdrawn_at)) from assessments.complaints c where c.booking_id = a_booking),
        (select p.released_at from assessments.profiles p where p.booking_id = a_booking),
        (select n.granted_at from assessments.new_tests n where n.booking_id = a_booking),
        (select b.released_at from scheduling.bookings b where b.id = a_booking)) end;

-- Whether the seal lets words be wiped: about somebody who is erased; or by the house, which said in this transaction that
-- it forgets what was over before a moment (preuve.forgetting), of a test that was. Retention says so: it has the clock.
create function assessments.words_may_go(a_booking uuid) returns boolean language sql stable return
    assessments.is_erased(a_booking)
    or (service.acting_role() = 'house' and coalesce(
        assessments.over_since(a_booking) < nullif(current_setting('preuve.forgetting', true), '')::timestamptz, false));

-- The seals that asked whether somebody is erased ask this instead; nothing else in them changes.
do $$
declare
    seal record;
    changed int := 0;
begin
    for seal in select pg_get_functiondef(p.oid) as body from pg_proc p
                where p.pronamespace = 'assessments'::regnamespace and p.prorettype = 'trigger'::regtype
                  and p.prosrc like '%assessments.is_erased(%' loop
        execute replace(seal.body, 'assessments.is_erased(', 'assessments.words_may_go(');
        changed := changed + 1;
    end loop;
    assert changed = 5, 'entries, ratings, recognitions, recommendations, recordings';
end $$;
