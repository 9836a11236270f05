-- Row security of what leads to a place and follows it: holds, waiting lists, measures, reminders, the search, alerts.

-- The catalogue's words, and the order of the groups on a waiting list: everybody reads them.
select service.protect(t) from unnest('{assessments.rome_labels, assessments.everyday_words, assessments.search_texts,
    scheduling.priority_groups}'::regclass[]) t;
create policy public on assessments.rome_labels for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on assessments.everyday_words for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on assessments.search_texts for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on scheduling.priority_groups for select to preuve_application
    using ((select service.acting_role()) is not null);

-- The house writes and reads letters and short messages; of what was sent nobody else sees anything.
select service.protect(t, '{house}') from unnest('{service.mail_attachments, service.texts}'::regclass[]) t;

select service.protect(t) from unnest('{scheduling.excuses, scheduling.waiting, scheduling.companions,
    scheduling.confirmations, scheduling.alerts, scheduling.alert_notices, service.reminders, service.text_wishes}'::regclass[]) t;

create policy own on scheduling.excuses to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id))
    with check (accepted_at is null and refused_at is null
                and (select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
create policy centre on scheduling.excuses to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));

create policy own on scheduling.confirmations to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
create policy centre on scheduling.confirmations for select to preuve_application
    using ((select service.receives()) and scheduling.is_test_of_my_centre(booking_id));
create policy own on service.reminders for select to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
create policy centre on service.reminders for select to preuve_application
    using ((select service.receives()) and scheduling.is_test_of_my_centre(booking_id));
create policy own on service.text_wishes to preuve_application
    using (candidate_id = (select service.acting_candidate()));

create policy own on scheduling.alerts to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy own on scheduling.alert_notices to preuve_application
    using (exists (select from scheduling.alerts a where a.id = alert_id
                     and a.candidate_id = (select service.acting_candidate())));

-- Whoever waits for any centre waits for each of them. Their place among all others is in the view scheduling.waiting_line.
create policy own on scheduling.waiting to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy centre on scheduling.waiting for select to preuve_application
    using ((select service.plans()) and (centres is null or (select service.acting_centre()) = any (centres)));

create function scheduling.waits_for_my_centre(a_candidate uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.waiting w where w.candidate_id = a_candidate and w.left_at is null
                     and (w.centres is null or service.acting_centre() = any (w.centres)));
end $$;
create policy centre_awaits on assessments.candidates for select to preuve_application
    using ((select service.plans()) and scheduling.waits_for_my_centre(id));

-- How many wait for a unit: the number alone.
create function scheduling.line_length(a_unit uuid) returns bigint language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select count(*) from scheduling.waiting_line l where l.unit_id = a_unit);
end $$;

-- A measure that is asked for before there is any booking lies in nobody's hands: each centre may answer it.
create function scheduling.has_no_booking(a_candidate uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return not exists (select from scheduling.bookings b where b.candidate_id = a_candidate);
end $$;
create function assessments.asks_whoever_answers(a_candidate uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from assessments.accommodations a where a.candidate_id = a_candidate
                     and a.granted_at is null and a.refused_at is null)
       and scheduling.has_no_booking(a_candidate);
end $$;
create policy in_nobody_s_hands on assessments.accommodations to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.has_no_booking(candidate_id));
create policy in_nobody_s_hands on assessments.candidates for select to preuve_application
    using ((select service.acting_role()) = 'manager' and assessments.asks_whoever_answers(id));

create policy own on scheduling.companions for select to preuve_application
    using (assessor_id = (select service.acting_assessor())
           or (select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
create policy jury on scheduling.companions for select to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_before_my_jury(session_id));
create policy centre on scheduling.companions to preuve_application
    using ((select service.plans()) and scheduling.is_of_my_centre(session_id));
create policy centre_reads on scheduling.companions for select to preuve_application
    using ((select service.reads()) and scheduling.is_of_my_centre(session_id));

-- How often a candidate stayed away before, in any centre: whoever answers an excuse may know the number.
create function scheduling.absences_beside(a_booking uuid) returns bigint language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select count(*) from scheduling.bookings b join scheduling.bookings o on o.candidate_id = b.candidate_id
            where b.id = a_booking and o.id <> b.id and o.release in ('no_show', 'cancelled_late'));
end $$;

-- Holds past their time are released by whoever needs their seat or their time, though they are another candidate's. Of
-- a session and of a candidate, or with neither up to so many of all; how many.
create function scheduling.expire_holds(moment timestamptz, a_session uuid, a_candidate uuid, most int) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    held     uuid[];
    released int;
begin
    select array_agg(l.id) into held from (
        select s.id from scheduling.sessions s where s.id in (
            select b.session_id from scheduling.bookings b
            where b.confirmed_at is null and b.released_at is null and b.held_until <= moment
              and (b.session_id = a_session or b.candidate_id = a_candidate or (a_session is null and a_candidate is null))
            limit most)
        order by s.id for no key update) l;
    if held is null then
        return 0;
    end if;
    with lapsed as (
        update scheduling.bookings
        set released_at = moment, release = 'expired', changed_at = moment, sequence = sequence + 1
        where session_id = any (held) and confirmed_at is null and released_at is null and held_until <= moment
        returning id, session_id, candidate_id),
    freed as (
        update scheduling.sessions s set taken = s.taken - l.seats
        from (select session_id, count(*) as seats from lapsed group by session_id) l where s.id = l.session_id),
    news as (
        insert into service.outbox (topic, aggregate, payload, occurred_at)
        select 'booking.released', id,
               jsonb_build_object('session_id', session_id, 'candidate_id', candidate_id, 'release', 'expired'), moment
        from lapsed)
    select count(*) into released from lapsed;
    return released;
end $$;

-- Why not? What sets the limit, in numbers and in yes or no, of resources that are not for the reader to see.
create function scheduling.seat_limits(a_session uuid) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select jsonb_strip_nulls(jsonb_build_object(
                'room', r.stations,
                'evaluator', st.candidates_per_evaluator * (
                    select count(*) from scheduling.jury_seats j
                    where j.session_id = s.id and j.role = 'evaluator' and j.released_at is null),
                'equipment', case when st.equipment_kind is not null then (
                    select count(*) from scheduling.equipment_reservations q
                    join scheduling.equipment e on e.id = q.equipment_id and e.kind = st.equipment_kind
                    where q.session_id = s.id and q.released_at is null) end))
            from scheduling.sessions s join scheduling.rooms r on r.id = s.room_id
            join assessments.standards st on st.id = s.standard_id where s.id = a_session);
end $$;

create function assessments.has_assessor(a_trade uuid, a_role text, a_language text, moment timestamptz) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from assessments.qualifications q
                   join assessments.assessors a on a.id = q.assessor_id and a.retired_at is null
                   where q.trade_id = a_trade and q.role = a_role and q.valid @> service.day(moment)
                     and (a_language is null or a_language = any (a.languages)));
end $$;
create function scheduling.has_equipment(a_kind text) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.equipment e where e.kind = a_kind and e.retired_at is null);
end $$;
