-- Of a test that was not held (its session cancelled, the candidate not there, the seat given back) nothing is to come
-- either: what a device brought about it (entries that were set aside) was kept for ever. It is over from the moment on
-- which the seat was free again, or from the last answer to a complaint about it. Nobody attended such a seat: a constraint.
create or replace function assessments.over_since(a_booking uuid) returns timestamptz language sql stable return
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
