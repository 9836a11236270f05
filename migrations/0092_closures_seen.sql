-- Closures are entered by a centre, too. Until now a session could be planned while a closure of its room was being written:
-- neither saw the other, and the test lay in a closed room unnoticed. Now they meet at the room: who closes it takes it whole,
-- who plans in it takes it as a reference does, and then each sees what the other has committed.

alter table scheduling.closures
    add column cause      text not null default 'entered' check (cause in ('holiday', 'entered', 'repair')),
    add column entered_at timestamptz,  -- null: before this was written down, and public holidays
    add column entered_by uuid,
    add check (btrim(reason) <> '');
update scheduling.closures set cause = 'holiday'
where room_id is null and upper(during) - lower(during) <= interval '25 hours'
  and reason in ('Nouvel An', 'Pâques', 'Lundi de Pâques', 'Fête du Travail', 'Ascension', 'Pentecôte',
                 'Lundi de Pentecôte', 'Fête nationale', 'Assomption', 'Toussaint', 'Jour de l''Armistice', 'Noël');
create trigger audit after insert or update or delete on scheduling.closures
    for each row execute function service.record_change('closure', 'during', 'cause');

-- Nobody plans in the room, or in any room of the centre, until the caller's transaction ends; who is planning is waited for.
create function scheduling.hold_rooms(a_centre uuid, a_room uuid) returns void language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$ begin
    perform from scheduling.rooms r where r.centre_id = a_centre and (a_room is null or r.id = a_room) order by r.id for update;
end $$;

-- The tests to come in a room, or without one in all of the centre: what a closure would meet. One that has begun goes on.
create function scheduling.tests_to_come(a_centre uuid, a_room uuid, period tstzrange, moment timestamptz)
returns setof scheduling.sessions language sql stable as $$
    select s.* from scheduling.sessions s
    where s.centre_id = a_centre and (a_room is null or s.room_id = a_room)
      and s.cancelled_at is null and s.started_at is null and lower(s.test_time) > moment and s.test_time && period
$$;

-- What somebody closes is not closed over tests to come: they are seen and mended first. A repair closes what failed after it
-- has mended what it was told to; a public holiday is one whatever is planned, and the centre's list says what lies in it.
create function scheduling.guard_closure() returns trigger language plpgsql as $$
begin
    perform scheduling.hold_rooms(new.centre_id, new.room_id);
    if new.room_id is not null and not exists (
            select from scheduling.rooms r where r.id = new.room_id and r.centre_id = new.centre_id) then
        perform service.refuse('not_found');
    end if;
    if new.cause = 'entered' and exists (
            select from scheduling.tests_to_come(new.centre_id, new.room_id, new.during, new.entered_at)) then
        perform service.refuse('sessions_in_closure');
    end if;
    return new;
end $$;
create trigger guard before insert on scheduling.closures for each row execute function scheduling.guard_closure();

-- As in 0085_juries_at_the_start.sql, and the room is held before its closures are read.
create or replace function scheduling.guard_session() returns trigger language plpgsql as $$
declare
    local_start timestamp := lower(new.test_time) at time zone 'Europe/Brussels';
    local_end   timestamp := upper(new.test_time) at time zone 'Europe/Brussels';
begin
    if new.cancelled_at is not null then
        return new;
    end if;
    if tg_op = 'INSERT' or new.test_time <> old.test_time or new.room_id <> old.room_id then
        perform from scheduling.rooms r where r.id = new.room_id for key share;
        if exists (select from scheduling.closures c
                   where c.centre_id = new.centre_id and (c.room_id is null or c.room_id = new.room_id)
                     and c.during && new.test_time)
           or not exists (select from scheduling.opening_hours h
                          where h.room_id = new.room_id and h.weekday = extract(isodow from local_start)
                            and local_start::date = local_end::date
                            and h.opens <= local_start::time and h.closes >= local_end::time) then
            perform service.refuse('room_closed');
        end if;
        if not exists (select from scheduling.rooms r join assessments.standards st on st.room_kind = r.kind
                       where r.id = new.room_id and st.id = new.standard_id and r.retired_at is null) then
            perform service.refuse('room_unsuitable');
        end if;
    end if;
    if new.opened_at is not null and (tg_op = 'INSERT' or old.opened_at is null
            or (new.locked_at is not null and old.locked_at is null) or new.test_time <> old.test_time)
       and not assessments.accredited(new.centre_id, new.unit_id, new.test_time) then
        perform service.refuse('accreditation_missing');
    end if;
    if tg_op = 'UPDATE' and new.test_time <> old.test_time then
        perform scheduling.guard_move(new.id, new.unit_id, new.test_time);
    end if;
    if (new.locked_at is not null and (tg_op = 'INSERT' or old.locked_at is null)
            or new.started_at is not null and (tg_op = 'INSERT' or old.started_at is null))
       and not scheduling.jury_complete(new.id) then
        perform service.refuse('jury_incomplete');
    end if;
    if new.started_at is not null and (tg_op = 'INSERT' or old.started_at is null) and exists (
            select from scheduling.bookings b where b.session_id = new.id and b.released_at is null
              and (b.checked_in_at is null or b.contract_signed_at is null)) then
        perform service.refuse('contract_unsigned');
    end if;
    return new;
end $$;

-- A whole centre can fail, too: a power cut, the week of works that was entered over tests. As in 0034_repairs.sql, where
-- nothing moves within the centre while it is closed.
alter table scheduling.repairs drop constraint repairs_trouble_check;
alter table scheduling.repairs add check (trouble in ('assessor', 'room', 'equipment', 'centre'));
create or replace function scheduling.repair_choices(a_trouble text, a_subject uuid, a_centre uuid, period tstzrange, moment timestamptz)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with hit as materialized (
        select s.*, st.room_kind, st.equipment_kind, r.site_id, upper(s.test_time) - lower(s.test_time) as length
        from scheduling.sessions s
        join assessments.standards st on st.id = s.standard_id join scheduling.rooms r on r.id = s.room_id
        where s.centre_id = a_centre and s.cancelled_at is null and s.started_at is null and s.occupied && period
          and lower(s.test_time) > moment
          and case a_trouble
              when 'centre' then true
              when 'room' then s.room_id = a_subject
              when 'assessor' then exists (select from scheduling.jury_seats j where j.session_id = s.id
                                             and j.assessor_id = a_subject and j.released_at is null)
              else exists (select from scheduling.equipment_reservations q where q.session_id = s.id
                             and q.equipment_id = a_subject and q.released_at is null) end),
    space as materialized (
        select h.id as session_id, r.id as room_id, r.site_id from hit h
        join scheduling.rooms r on r.centre_id = h.centre_id and r.kind = h.room_kind and r.retired_at is null
                               and r.stations >= h.seats),
    slot as materialized (
        select h.id as session_id, ((lower(h.test_time) at time zone 'Europe/Brussels') + make_interval(days => d))
                                   at time zone 'Europe/Brussels' as starts_at, d
        from hit h, generate_series(0, 28) d),
    option as materialized (
        select x.session_id, x.room_id, x.site_id, o.d, o.starts_at from space x join slot o on o.session_id = x.session_id
        join hit h on h.id = x.session_id
        cross join lateral (select tstzrange(o.starts_at, o.starts_at + h.length) as test_time) t
        cross join lateral (select scheduling.widened(t.test_time, h.setup_minutes, h.extra_minutes + h.teardown_minutes)
                            as occupied) w
        where (o.d > 0 or x.room_id <> h.room_id)
          and not ((a_trouble = 'centre' or a_trouble = 'room' and x.room_id = a_subject) and w.occupied && period)
          and not exists (select from scheduling.closures c where c.centre_id = h.centre_id
                            and coalesce(c.room_id, x.room_id) = x.room_id and c.during && t.test_time)
          and exists (select from scheduling.opening_hours g where g.room_id = x.room_id
                        and g.weekday = extract(isodow from o.starts_at at time zone 'Europe/Brussels')
                        and g.opens <= (o.starts_at at time zone 'Europe/Brussels')::time
                        and g.closes >= (upper(t.test_time) at time zone 'Europe/Brussels')::time)
          and not exists (select from scheduling.sessions b where b.room_id = x.room_id and b.id <> h.id
                            and b.cancelled_at is null and b.occupied && w.occupied)
          and (o.d = 0 or (
              not (a_trouble <> 'room' and w.occupied && period)
              and not exists (select from scheduling.jury_seats j join scheduling.jury_seats k
                              on k.assessor_id = j.assessor_id and k.session_id <> h.id and k.released_at is null
                                 and k.role <> 'manager' and k.during && w.occupied
                              where j.session_id = h.id and j.released_at is null and j.role <> 'manager')
              and not exists (select from scheduling.equipment_reservations q join scheduling.equipment_reservations k
                              on k.equipment_id = q.equipment_id and k.session_id <> h.id and k.released_at is null
                                 and k.during && w.occupied
                              where q.session_id = h.id and q.released_at is null)
              and not exists (select from scheduling.bookings b join scheduling.bookings k
                              on k.candidate_id = b.candidate_id and k.id <> b.id and k.released_at is null
                                 and k.during && t.test_time
                              where b.session_id = h.id and b.released_at is null))))
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', h.id, 'starts_at', lower(h.test_time), 'ends_at', upper(h.test_time),
        'occupied_from', lower(h.occupied), 'occupied_until', upper(h.occupied),
        'room_id', h.room_id, 'site_id', h.site_id, 'seats', h.seats,
        'state', case when h.locked_at is not null then 'locked' when h.opened_at is not null then 'open' else 'draft' end,
        'jury', (select coalesce(jsonb_agg(jsonb_build_object('seat_id', j.id, 'assessor_id', j.assessor_id, 'role', j.role)
                                           order by j.id), '[]')
                 from scheduling.jury_seats j where j.session_id = h.id and j.released_at is null),
        'pieces', (select coalesce(jsonb_agg(q.equipment_id order by q.equipment_id), '[]')
                   from scheduling.equipment_reservations q where q.session_id = h.id and q.released_at is null),
        'spare', (select coalesce(jsonb_agg(e.id order by e.name), '[]') from scheduling.equipment e
                  where a_trouble = 'equipment' and e.centre_id = h.centre_id and e.kind = h.equipment_kind
                    and e.retired_at is null and e.id <> a_subject
                    and not exists (select from scheduling.equipment_reservations q where q.equipment_id = e.id
                                      and q.released_at is null and q.during && h.occupied)),
        'slots', (select coalesce(jsonb_agg(jsonb_build_object('starts_at', o.starts_at, 'room_id', o.room_id,
                                                               'days', o.d, 'site_id', o.site_id)
                                            order by o.d, o.room_id <> h.room_id, o.site_id <> h.site_id, o.room_id), '[]')
                  from option o where o.session_id = h.id),
        'bookings', (select coalesce(jsonb_agg(jsonb_build_object(
                'id', b.id,
                'places', (select coalesce(jsonb_agg(jsonb_build_object(
                                'session_id', p.id, 'starts_at', lower(p.test_time), 'same_centre', p.centre_id = h.centre_id,
                                'free', p.seats - p.taken)
                                order by p.centre_id <> h.centre_id,
                                         abs(extract(epoch from lower(p.test_time) - lower(h.test_time))), p.id), '[]')
                           from scheduling.sessions p
                           where p.unit_id = h.unit_id and p.language = h.language and p.id <> h.id
                             and p.id not in (select id from hit)
                             and p.opened_at is not null and p.locked_at is null and p.cancelled_at is null
                             and p.taken < p.seats and lower(p.test_time) > moment
                             and not exists (select from scheduling.booking_conditions(b.candidate_id, p.id))
                             and not exists (select from scheduling.bookings k
                                             where k.candidate_id = b.candidate_id and k.id <> b.id
                                               and k.released_at is null and k.during && p.test_time)))
                order by b.booked_at, b.id), '[]')
            from scheduling.bookings b where b.session_id = h.id and b.released_at is null)
        ) order by lower(h.test_time), h.id), '[]')
    from hit h
$$;
