-- Extra time that reaches into the next test of its room is refused for the room, also where that test has taken the
-- equipment: another room is the way out, other equipment is not. Since two sessions may change rooms
-- (0059_rooms_exchanged.sql), room_busy is judged after the copies in the reservations of equipment; the constraint keeps the
-- last word, also over a rival who is not seen yet.
create function scheduling.guard_room_of_extra_time() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from scheduling.sessions s
               where s.room_id = new.room_id and s.id <> new.id and s.cancelled_at is null
                 and s.occupied operator(pg_catalog.&&)
                     scheduling.widened(new.test_time, new.setup_minutes, new.extra_minutes + new.teardown_minutes)) then
        perform service.refuse('room_busy');
    end if;
    return new;
end $$;
create trigger guard_room_of_extra_time before update of extra_minutes on scheduling.sessions
    for each row when (new.extra_minutes > old.extra_minutes and new.cancelled_at is null)
    execute function scheduling.guard_room_of_extra_time();
