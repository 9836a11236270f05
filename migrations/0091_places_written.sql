-- A list of places leaves PostgreSQL as it goes out: one text for each place, up to the reasons that are the reader's own.
-- To fetch fifty rows of eleven columns and write them outside took longer than to find them.

-- What is written of a unit and of a room, as members of a JSON object: the same for weeks, so it is written when it changes.
create table scheduling.units_written (
    unit_id uuid primary key references assessments.units on delete cascade,
    members text not null
);
create table scheduling.rooms_written (
    room_id uuid primary key references scheduling.rooms on delete cascade,
    members text not null
);
select service.protect('scheduling.units_written');
select service.protect('scheduling.rooms_written');
create policy public on scheduling.units_written for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on scheduling.rooms_written for select to preuve_application
    using ((select service.acting_role()) is not null);

-- Writes anew what another centre, site, room, unit or trade made different. The one row of scheduling.surroundings is
-- taken first, so that two changes at a time do not write over each other.
create or replace function scheduling.surroundings_change() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update scheduling.surroundings set version = gen_random_uuid();
    if tg_relid in ('assessments.units'::regclass, 'assessments.trades'::regclass) then
        insert into scheduling.units_written as w (unit_id, members)
        select u.id, concat('"unit_code":', to_json(u.code), ',"unit_label":', u.label, ',"trade_label":', t.label,
                            ',"scheme":', to_json(t.scheme))
        from assessments.units u join assessments.trades t on t.id = u.trade_id
        on conflict (unit_id) do update set members = excluded.members where w.members <> excluded.members;
    else
        insert into scheduling.rooms_written as w (room_id, members)
        select r.id, concat('"centre_code":', to_json(c.code), ',"centre_name":', to_json(c.name),
                            ',"room_name":', to_json(r.name), ',"street":', to_json(i.street),
                            ',"postcode":', to_json(i.postcode), ',"municipality":', to_json(i.municipality),
                            ',"accessible":', to_json(r.accessible))
        from scheduling.rooms r
        join scheduling.sites i on i.id = r.site_id
        join scheduling.centres c on c.id = r.centre_id
        on conflict (room_id) do update set members = excluded.members where w.members <> excluded.members;
    end if;
    return null;
end $$;
-- What is there already is written now: a statement that changes no row fires the trigger all the same.
update assessments.trades set code = code where false;
update scheduling.centres set code = code where false;

-- RFC 3339, in UTC; fractions of a second only where there are some.
create function service.moment_written(moment timestamptz) returns text language sql stable return
    translate((moment at time zone 'UTC')::text, ' ', 'T') || 'Z';

-- Up to the value of "refusals".
create function scheduling.place_written(session_id uuid, unit text, language text, starts_at timestamptz, ends_at timestamptz,
                                         room text, seats int, free int) returns text language sql stable return
    concat('{"session_id":"', session_id, '",', unit, ',"language":"', language, '","starts_at":"',
           service.moment_written(starts_at), '","ends_at":"', service.moment_written(ends_at), '",', room, ',"seats":', seats,
           ',"free":', free, ',"refusals":');

-- Those of these sessions that take bookings, in this order.
create function scheduling.places_written(asked uuid[]) returns text[] language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$ begin
    return array(
        select scheduling.place_written(s.id, u.members, s.language::text, lower(s.test_time), upper(s.test_time), r.members,
                                        s.seats, s.seats - s.taken)
        from unnest(asked) with ordinality a (id, position)
        join scheduling.sessions s on s.id = a.id
        join scheduling.units_written u on u.unit_id = s.unit_id
        join scheduling.rooms_written r on r.room_id = s.room_id
        where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
        order by a.position);
end $$;

-- The next sessions that take bookings, soonest first, at most `most` (101) after `skip`; with the version of what surrounds
-- them, and for a candidate with what stands in their way.
drop function scheduling.next_places;
create function scheduling.next_places(moment timestamptz, since timestamptz, until timestamptz, a_candidate uuid, most int,
                                       skip int)
returns table (id uuid, unit_id uuid, room_id uuid, language text, starts_at timestamptz, ends_at timestamptz, seats int,
               free int, rules text[], version uuid) language plpgsql stable security definer rows 51
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$ begin
    return query
    with found as materialized (
        select s.id, s.unit_id, s.room_id, s.language::text, lower(s.test_time) as starts_at, upper(s.test_time) as ends_at,
               s.seats, s.seats - s.taken as free
        from scheduling.sessions s
        where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
          and lower(s.test_time) > moment and lower(s.test_time) >= coalesce(since, moment)
          and lower(s.test_time) < coalesce(until, 'infinity')
        order by lower(s.test_time), s.id limit least(most, 101) offset skip)
    select f.*, n.rules, (select v.version from scheduling.surroundings v)
    from found f left join scheduling.refusals_of(a_candidate, array(select found.id from found), moment) n
         on n.session_id = f.id
    order by f.starts_at, f.id;
end $$;

-- The same, written as place_written writes them: `rules` beside them, the names of what stands in the candidate's way with
-- blanks between them (no array without a candidate), when the first of them begins, and the snapshot in which all of it was
-- found.
create function scheduling.next_places_written(moment timestamptz, since timestamptz, until timestamptz, a_candidate uuid,
                                               most int, skip int,
                                               out places text[], out rules text[], out first timestamptz, out seen text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    ids uuid[];
begin
    select array_agg(scheduling.place_written(f.id, u.members, f.language, f.starts_at, f.ends_at, r.members, f.seats, f.free)
                     order by f.starts_at, f.id),
           array_agg(f.id order by f.starts_at, f.id), min(f.starts_at), service.snapshot()
    into places, ids, first, seen
    from (select s.id, s.unit_id, s.room_id, s.language::text, lower(s.test_time) as starts_at,
                 upper(s.test_time) as ends_at, s.seats, s.seats - s.taken as free
          from scheduling.sessions s
          where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
            and lower(s.test_time) > moment and lower(s.test_time) >= coalesce(since, moment)
            and lower(s.test_time) < coalesce(until, 'infinity')
          order by lower(s.test_time), s.id limit least(most, 101) offset skip) f
    join scheduling.units_written u on u.unit_id = f.unit_id
    join scheduling.rooms_written r on r.room_id = f.room_id;
    if a_candidate is not null then
        rules := array(select array_to_string(n.rules, ' ') from unnest(ids) with ordinality a (id, position)
                       left join scheduling.refusals_of(a_candidate, ids, moment) n on n.session_id = a.id
                       order by a.position);
    end if;
end $$;
