-- A list of places is mostly what a process has written before. So PostgreSQL says which places they are and how many of each
-- are free, and writes only those whose text is not known: to write fifty of them took longer than to find them.
--
-- A text is kept under its key, which holds all that is written of a session but what is free, and for one version of
-- what surrounds sessions (scheduling.surroundings): it cannot be out of date, because what changes it changes its name.
-- Whoever writes more, or otherwise, than before draws a new version in the same file.
--
-- scheduling.next_places_written, places_written and place_written are for processes that still run the former release.

-- All that scheduling.places_told writes of a session itself.
create function scheduling.place_key(s scheduling.sessions) returns bytea language sql stable return
    uuid_send(s.id) || uuid_send(s.unit_id) || uuid_send(s.room_id) || range_send(s.test_time) || int4send(s.seats)
    || textsend(s.language::text);

-- These sessions in this order, each as a JSON object up to the value of "free".
create function scheduling.places_told(asked uuid[]) returns text[] language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$ begin
    return array(
        select concat('{"session_id":"', s.id, '",', u.members, ',"language":"', s.language, '","starts_at":"',
                      service.moment_written(lower(s.test_time)), '","ends_at":"', service.moment_written(upper(s.test_time)),
                      '",', r.members, ',"seats":', s.seats, ',"free":')
        from unnest(asked) with ordinality a (id, place)
        join scheduling.sessions s on s.id = a.id
        join scheduling.units_written u on u.unit_id = s.unit_id
        join scheduling.rooms_written r on r.room_id = s.room_id
        order by a.place);
end $$;

-- Of each question in its place, asked together: the next sessions that take bookings, soonest first, at most `most` (101)
-- after `skip`, by their keys, and what is free in them; for who is `telling` their texts too; for a candidate what stands
-- in the way of each, the names of the rules with blanks between them; when the first of them begins; the version of what
-- surrounds them; and the snapshot in which all of it was found. One plan, because to make one takes longer than to search.
create function scheduling.next_places_known(moments timestamptz[], sinces timestamptz[], untils timestamptz[],
                                             candidates uuid[], mosts int[], skips int[], telling boolean)
returns table (keys bytea[], free int[], texts text[], rules text[], first timestamptz, version uuid, seen text)
language plpgsql stable security definer rows 3
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
    return query
    select coalesce(l.keys, '{}'), coalesce(l.free, '{}'),
           case when telling then scheduling.places_told(coalesce(l.ids, '{}')) end,
           case when q.candidate is not null then
               array(select array_to_string(n.rules, ' ') from unnest(l.ids) with ordinality a (id, place)
                     left join scheduling.refusals_of(q.candidate, l.ids, q.moment) n on n.session_id = a.id
                     order by a.place) end,
           l.first, (select v.version from scheduling.surroundings v), service.snapshot()
    from unnest(moments, sinces, untils, candidates, mosts, skips) with ordinality
             q (moment, since, until, candidate, most, skip, place)
    cross join lateral (
        select array_agg(f.id) as ids, array_agg(f.key) as keys, array_agg(f.free) as free, min(f.starts_at) as first
        from (select s.id, scheduling.place_key(s) as key, s.seats - s.taken as free, lower(s.test_time) as starts_at
              from scheduling.sessions s
              where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null
                and lower(s.test_time) > q.moment and lower(s.test_time) >= coalesce(q.since, q.moment)
                and lower(s.test_time) < coalesce(q.until, 'infinity')
              order by lower(s.test_time), s.id limit least(q.most, 101) offset q.skip) f) l
    order by q.place;
end $$;
