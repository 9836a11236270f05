-- Turned away is who came and could not be tested: on the day of the test, when the list of the day receives them, or once the
-- test was begun. Not only from a closed list: a jury that is not complete cannot close it. A test that is moved afterwards
-- changes nothing about who was turned away.
create function scheduling.guard_turning_away() returns trigger language plpgsql as $$
begin
    if service.day(new.released_at) < service.day(lower(new.test_time))
       and not exists (select from scheduling.sessions s
                       where s.id = new.session_id and s.started_at <= new.released_at) then
        perform service.refuse('turned_away_too_early');
    end if;
    return new;
end $$;
create trigger guard_turning_away before insert or update of release on scheduling.bookings
    for each row when (new.release = 'turned_away') execute function scheduling.guard_turning_away();
