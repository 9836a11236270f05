-- A piece that a centre has no more: no test to come counts on it. Who retires it and who gives it to a test meet at the piece,
-- as for an outage (0096_outages.sql), and then each sees what the other has committed.
alter table scheduling.equipment rename constraint equipment_centre_id_name_key to equipment_known;
create trigger audit after insert or update or delete on scheduling.equipment
    for each row execute function service.record_change('equipment', 'kind', 'name', 'retired_at');

create function scheduling.guard_retirement() returns trigger language plpgsql as $$
begin
    perform from scheduling.equipment e where e.id = new.id for update;
    if exists (select from scheduling.tests_counting_on(new.id, tstzrange(null, null), new.retired_at)) then
        perform service.refuse('equipment_needed');
    end if;
    return new;
end $$;
create trigger guard before update of retired_at on scheduling.equipment
    for each row when (new.retired_at is not null and old.retired_at is null)
    execute function scheduling.guard_retirement();
