-- Equipment out of order: from when, until when (no end: nobody knows yet), why; and when it came back. Until now a repair took
-- the piece out of use for good, so that it vanished, and where no other one was free the test kept counting on it. Now it stays
-- in the list of its centre, no test gets it meanwhile, and none that is to come counts on it: who enters an outage and who gives
-- the piece to a test meet at the piece, and then each sees what the other has committed.
create table scheduling.outages (
    id           uuid primary key default gen_random_uuid(),
    equipment_id uuid not null references scheduling.equipment,
    during       tstzrange not null check (not isempty(during) and isfinite(lower(during)) and not lower_inf(during)),
    reason       text not null check (btrim(reason) <> ''),
    entered_at   timestamptz not null,
    entered_by   uuid,
    back_at      timestamptz,
    back_by      uuid,
    check (back_at is not null or back_by is null),
    exclude using gist (equipment_id with =, during with &&) where (back_at is null)
);
create trigger audit after insert or update or delete on scheduling.outages
    for each row execute function service.record_change('outage', 'during', 'back_at');
select service.protect('scheduling.outages');
create policy centre on scheduling.outages to preuve_application
    using ((select service.plans()) and exists (
        select from scheduling.equipment e where e.id = equipment_id and e.centre_id = (select service.acting_centre())));
create policy centre_reads on scheduling.outages for select to preuve_application
    using ((select service.reads()) and exists (
        select from scheduling.equipment e where e.id = equipment_id and service.is_my_centre(e.centre_id)));

-- What repairs took out of use came back when somebody said so: it is out of order, and not gone.
with taken as (
    insert into scheduling.outages (equipment_id, during, reason, entered_at, entered_by)
    select distinct on (e.id) e.id, tstzrange(e.retired_at, null), r.reason, e.retired_at, r.applied_by
    from scheduling.equipment e
    join scheduling.repairs r on r.trouble = 'equipment' and r.subject_id = e.id and r.applied_at <= e.retired_at
    where e.retired_at is not null order by e.id, r.applied_at desc returning equipment_id)
update scheduling.equipment e set retired_at = null from taken where e.id = taken.equipment_id;

-- In use, in order, and held by no other session.
create function scheduling.is_usable(a_equipment uuid, period tstzrange, a_session uuid) returns boolean language sql stable as $$
    select exists (select from scheduling.equipment e where e.id = a_equipment and e.retired_at is null)
       and not exists (select from scheduling.outages o
                       where o.equipment_id = a_equipment and o.back_at is null and o.during && period)
       and not exists (select from scheduling.equipment_reservations q
                       where q.equipment_id = a_equipment and q.released_at is null and q.session_id <> a_session
                         and q.during && period)
$$;

-- The tests to come that hold a piece while it is out of order: what an outage would meet. One that has begun goes on.
create function scheduling.tests_counting_on(a_equipment uuid, period tstzrange, moment timestamptz)
returns setof scheduling.sessions language sql stable as $$
    select s.* from scheduling.sessions s
    where s.id in (select q.session_id from scheduling.equipment_reservations q
                   where q.equipment_id = a_equipment and q.released_at is null and q.during && period)
      and s.cancelled_at is null and s.started_at is null and lower(s.test_time) > moment
$$;

create function scheduling.guard_outage() returns trigger language plpgsql as $$
begin
    if new.back_at is null then
        perform from scheduling.equipment e where e.id = new.equipment_id for update;
        if exists (select from scheduling.tests_counting_on(new.equipment_id, new.during, new.entered_at)) then
            perform service.refuse('equipment_counted_on');
        end if;
    end if;
    return new;
end $$;
create trigger guard before insert or update on scheduling.outages for each row execute function scheduling.guard_outage();

-- As in 0008_guards.sql, and the piece is held before its outages are read. A test that begins or grows on a piece that broke
-- while it was its own is not stopped: it is the new time that must be free of outages.
create or replace function scheduling.guard_reservation() returns trigger language plpgsql as $$
begin
    perform from scheduling.equipment e where e.id = new.equipment_id for key share;
    if tg_op = 'INSERT' and not exists (
            select from scheduling.equipment e join scheduling.sessions s on s.id = new.session_id
            where e.id = new.equipment_id and e.centre_id = s.centre_id and e.retired_at is null) then
        perform service.refuse('equipment_unsuitable');
    end if;
    if new.released_at is null and exists (
            select from scheduling.outages o
            where o.equipment_id = new.equipment_id and o.back_at is null and o.during && new.during
              and not (tg_op = 'UPDATE' and o.during && old.during)) then
        perform service.refuse('equipment_out_of_order');
    end if;
    return new;
end $$;
drop trigger guard on scheduling.equipment_reservations;
create trigger guard before insert or update of during on scheduling.equipment_reservations
    for each row execute function scheduling.guard_reservation();

-- Of equipment alone nobody may know how long it is broken.
alter table scheduling.repairs drop constraint repairs_during_check;
alter table scheduling.repairs add constraint repairs_during_check check (
    not isempty(during) and isfinite(lower(during)) and not lower_inf(during)
    and (case when upper_inf(during) then trouble = 'equipment' else isfinite(upper(during)) end));

-- As in 0089_equipment_that_is_free.sql: what is out of order is not free.
create or replace function scheduling.seat_limits(a_session uuid) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select jsonb_strip_nulls(jsonb_build_object(
                'room', r.stations,
                'evaluator', st.candidates_per_evaluator * (
                    select count(*) from scheduling.jury_seats j
                    where j.session_id = s.id and j.role = 'evaluator' and j.released_at is null),
                'equipment', case when st.equipment_kind is not null then (
                    select count(*) from scheduling.equipment e
                    where e.centre_id = s.centre_id and e.kind = st.equipment_kind
                      and scheduling.is_usable(e.id, s.occupied, s.id)) end))
            from scheduling.sessions s join scheduling.rooms r on r.id = s.room_id
            join assessments.standards st on st.id = s.standard_id where s.id = a_session);
end $$;

-- As in 0092_closures_seen.sql. A test that moves takes what is free of the kind it needs at its new time, so that is counted, and
-- not whether the pieces it holds are free; a test whose piece breaks may move within the outage, too, where there are others.
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
              not (a_trouble in ('assessor', 'centre') and w.occupied && period)
              and not exists (select from scheduling.jury_seats j join scheduling.jury_seats k
                              on k.assessor_id = j.assessor_id and k.session_id <> h.id and k.released_at is null
                                 and k.role <> 'manager' and k.during && w.occupied
                              where j.session_id = h.id and j.released_at is null and j.role <> 'manager')
              and (select count(*) from scheduling.equipment_reservations q
                   join scheduling.equipment e on e.id = q.equipment_id and e.kind = h.equipment_kind
                   where q.session_id = h.id and q.released_at is null)
                  <= (select count(*) from scheduling.equipment e
                      where e.centre_id = h.centre_id and e.kind = h.equipment_kind
                        and scheduling.is_usable(e.id, w.occupied, h.id)
                        and not (a_trouble = 'equipment' and e.id = a_subject and w.occupied && period))
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
                    and e.id <> a_subject and scheduling.is_usable(e.id, h.occupied, h.id)
                    and not exists (select from scheduling.equipment_reservations q where q.equipment_id = e.id
                                      and q.session_id = h.id and q.released_at is null)),
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
