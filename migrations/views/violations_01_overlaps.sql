-- 1. No two live sessions overlap on a room, a piece of equipment or a person; buffers and extra time included.
--
-- Every claim is sorted and compared with the ones before it: an audit that asked the exclusion constraints' own
-- indexes would believe an index that is damaged. The times are the session's own; that the copies of them agree is
-- another rule (violations_copies). Columns of every such view: what is wrong, in words, and since when it counts.
create view service.violations_01_overlaps (subject, detail, since) as
with claims as (
    select s.room_id as thing, s.id as session_id, lower(s.occupied) as starts_at, upper(s.occupied) as ends_at
    from scheduling.sessions s where s.cancelled_at is null
    union all
    select q.equipment_id, s.id, lower(s.occupied), upper(s.occupied)
    from scheduling.equipment_reservations q join scheduling.sessions s on s.id = q.session_id
    where q.released_at is null and s.cancelled_at is null
    union all
    select j.assessor_id, s.id, lower(s.occupied), upper(s.occupied)
    from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
    where j.released_at is null and j.role <> 'manager' and s.cancelled_at is null
    union all
    select k.assessor_id, s.id, lower(s.occupied), upper(s.occupied)
    from scheduling.companions k join scheduling.sessions s on s.id = k.session_id
    where k.released_at is null and s.cancelled_at is null
    union all
    select b.candidate_id, s.id, lower(s.test_time), upper(s.test_time) + make_interval(mins => b.extra_minutes)
    from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
    where b.released_at is null and s.cancelled_at is null),
once as (   -- twice within one session is for the rules on juries and on live bookings
    select thing, session_id, min(starts_at) as starts_at, max(ends_at) as ends_at
    from claims group by thing, session_id),
queued as (
    select *, max(ends_at) over (partition by thing order by starts_at, session_id
                                 rows between unbounded preceding and 1 preceding) as taken_until
    from once)
select session_id::text, format('%s is taken until %s by another session', thing, taken_until), '-infinity'::timestamptz
from queued where taken_until > starts_at
union all
select s.id::text, format('set up in %s and torn down in %s minutes instead of %s and %s',
                          s.setup_minutes, s.teardown_minutes, st.setup_minutes, st.teardown_minutes), '-infinity'
from scheduling.sessions s join assessments.standards st on st.id = s.standard_id
where s.cancelled_at is null
  and (s.setup_minutes < st.setup_minutes or s.teardown_minutes < st.teardown_minutes)
union all
select b.id::text, format('%s extra minutes in a session that keeps %s', b.extra_minutes, s.extra_minutes), '-infinity'
from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
where b.released_at is null and s.cancelled_at is null and b.extra_minutes > s.extra_minutes
union all
select b.id::text, format('%s extra minutes, and %s %% were granted',
                          b.extra_minutes, max(a.extra_percent)), '-infinity'
from assessments.accommodations a
join scheduling.bookings b on b.candidate_id = a.candidate_id
join scheduling.sessions s on s.id = b.session_id and (b.booked_at > a.granted_at or lower(s.test_time) > a.granted_at)
where b.released_at is null and s.cancelled_at is null
group by b.id, b.extra_minutes, s.test_time
having b.extra_minutes < extract(epoch from upper(s.test_time) - lower(s.test_time)) / 60 * max(a.extra_percent) / 100;
