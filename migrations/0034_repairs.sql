-- Repairs: an assessor, a room or a piece of equipment fails for a while, and the sessions that counted on it are mended
-- together. What was found is kept as it was seen (ids and times, no names), so that an order can be held against it.

create table scheduling.repairs (
    id          uuid primary key default gen_random_uuid(),
    centre_id   uuid not null references scheduling.centres,
    trouble     text not null check (trouble in ('assessor', 'room', 'equipment')),
    subject_id  uuid not null,
    during      tstzrange not null check (not isempty(during) and isfinite(lower(during)) and isfinite(upper(during))),
    reason      text not null check (btrim(reason) <> ''),
    found       jsonb not null,
    proposed_at timestamptz not null,
    proposed_by uuid,
    applied_at  timestamptz,
    applied_by  uuid,
    choices     jsonb,
    check ((applied_at is null) = (choices is null))
);
create trigger audit after insert or update or delete on scheduling.repairs
    for each row execute function service.record_change('repair', 'trouble', 'during');

-- All that a repair is chosen from, at one moment: each session that counts on what failed, with who could sit in, which
-- rooms and pieces are free at its time, to which days it could move, and where its candidates could go. What is offered
-- is what is free; whether it is allowed is asked of the guards before it is shown, and again when it is done.
create function scheduling.repair_snapshot(a_trouble text, a_subject uuid, a_centre uuid, period tstzrange, moment timestamptz)
returns jsonb language sql stable as $$
    with hit as materialized (
        select s.*, st.room_kind, st.equipment_kind, r.site_id, upper(s.test_time) - lower(s.test_time) as length
        from scheduling.sessions s
        join assessments.standards st on st.id = s.standard_id join scheduling.rooms r on r.id = s.room_id
        where s.centre_id = a_centre and s.cancelled_at is null and s.started_at is null and s.occupied && period
          and lower(s.test_time) > moment
          and case a_trouble
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
          and not (a_trouble = 'room' and x.room_id = a_subject and w.occupied && period)
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
