-- Holds past their time, of a session that is to be moved and of its candidates elsewhere, stand in nobody's way there either.
-- All the sessions concerned are locked first, in the order of their ids.
create function scheduling.expire_holds_in_the_way(a_session uuid, moment timestamptz) returns int language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
    held     uuid[];
    released int := 0;
begin
    select array_agg(distinct h.session_id) into held from scheduling.bookings h
        where h.confirmed_at is null and h.released_at is null and h.held_until <= moment
          and (h.session_id = a_session or h.candidate_id in (
              select b.candidate_id from scheduling.bookings b where b.session_id = a_session and b.released_at is null));
    if held is null then
        return 0;
    end if;
    perform from scheduling.sessions s where s.id = any (held || a_session) order by s.id for no key update;
    for i in 1 .. cardinality(held) loop
        released := released + scheduling.expire_holds(moment, held[i], null, 100);
    end loop;
    return released;
end $$;
