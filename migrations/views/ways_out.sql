-- What stands around a refusal, for several people who were refused something at a time: how many wait, what the session
-- could hold, from which day on the rule lets them, after how many failures guidance comes first, which booking of theirs is in
-- the way, and the nearest other place that they could take: of the same language first. Each is asked as its own person, under
-- row security.
--
-- About a session, or else a unit, or else what a booking of theirs is in. Null in every column: nothing within their reach.
drop function if exists service.around_refusals(uuid[], uuid[], uuid[], uuid[], uuid[], text[], timestamptz);
create function service.around_refusals(accounts uuid[], candidates uuid[], sessions uuid[], units uuid[], bookings uuid[],
                                        rules text[], moment timestamptz)
returns table (unit_code text, seats int, limits jsonb, waiting bigint, before_me bigint, next_session_id uuid,
               next_at timestamptz, not_before date, booking_id uuid, session_id uuid, language text, failures int)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    s      record;
    me     uuid;
    a_unit uuid;
begin
    perform set_config('preuve.reach', '', true), set_config('preuve.centre', '', true), set_config('preuve.assessor', '', true);
    for i in 1 .. cardinality(rules) loop
        me := candidates[i];
        perform set_config('preuve.role', case when me is null then 'stranger' else 'candidate' end, true),
                set_config('preuve.actor', coalesce(accounts[i]::text, ''), true),
                set_config('preuve.candidate', coalesce(me::text, ''), true);
        unit_code := null; seats := null; limits := null; waiting := null; before_me := null; next_session_id := null;
        next_at := null; not_before := null; booking_id := null; session_id := null; language := null;
        failures := null;
        select t.id, t.unit_id, t.seats, t.language, t.test_time into s from scheduling.sessions t 
            where t.id = coalesce(sessions[i], case when units[i] is null then (
                                      select b.session_id from scheduling.bookings b where b.id = bookings[i]) end);
        a_unit := coalesce(s.unit_id, units[i]);
        if a_unit is null then
            return next;
            continue;
        end if;
        session_id := s.id;
        language := s.language;
        seats := s.seats;
        unit_code := (select u.code from assessments.units u where u.id = a_unit);
        waiting := scheduling.line_length(a_unit);
        if exists (select from scheduling.waiting w where w.candidate_id = me and w.unit_id = a_unit and w.left_at is null) then
            before_me := (select l.place - 1 from scheduling.waiting_line l where l.unit_id = a_unit and l.candidate_id = me);
        end if;
        if rules[i] = 'session_full' then
            limits := scheduling.seat_limits(s.id);
        elsif rules[i] = 'retake_too_soon' then
            not_before := scheduling.retake_day(me, s.id);
        elsif rules[i] = 'candidate_too_young' then
            not_before := (select c.birth_date + make_interval(years => k.minimum_age)
                           from assessments.candidates c, assessments.units u
                           join assessments.trades t on t.id = u.trade_id join assessments.schemes k on k.code = t.scheme
                           where c.id = me and u.id = a_unit);
        elsif rules[i] = 'guidance_required' then
            failures := (select k.failures_before_guidance from assessments.units u
                         join assessments.trades t on t.id = u.trade_id join assessments.schemes k on k.code = t.scheme
                         where u.id = a_unit);
        end if;
        booking_id := coalesce(bookings[i], (select b.id from scheduling.bookings b
                       where b.candidate_id = me and b.released_at is null and b.closed_at is null
                         and not scheduling.lapsed(b, moment)
                         and case when rules[i] in ('unit_already_booked', 'same_session') then b.unit_id = a_unit
                                  when rules[i] = 'candidate_busy' then b.session_id <> s.id and b.during && s.test_time
                                  when rules[i] = 'too_many_holds' then b.confirmed_at is null
                                  else rules[i] = 'too_many_bookings' and b.attended_at is null end
                       order by lower(b.test_time), b.id limit 1));
        -- Whoever has the unit and asks for another place of it means to change: that alone does not stand in the way.
        select o.id, o.starts_at into next_session_id, next_at
        from (select o.id, o.starts_at, row_number() over (order by o.language is distinct from coalesce(s.language, o.language),
                                                           o.starts_at, o.id) as position
              from scheduling.taking_bookings o
              where o.unit_id = a_unit and o.free > 0 and o.starts_at > moment and o.id is distinct from s.id
                and (not_before is null or service.day(o.starts_at) >= not_before)
              order by position limit 20) o
        where me is null or not exists (select from scheduling.booking_refusals(me, o.id, moment) r
                                        where r <> 'unit_already_booked')
        order by o.position limit 1;
        return next;
    end loop;
end $$;
