-- A test begins before a whole jury: somebody who fell ill after the list was closed has been replaced by then, as the list
-- itself demanded (invariant 4). Until now only the closing of the list asked.
create or replace function scheduling.guard_session() returns trigger language plpgsql as $$
declare
    local_start timestamp := lower(new.test_time) at time zone 'Europe/Brussels';
    local_end   timestamp := upper(new.test_time) at time zone 'Europe/Brussels';
begin
    if new.cancelled_at is not null then
        return new;
    end if;
    if tg_op = 'INSERT' or new.test_time <> old.test_time or new.room_id <> old.room_id then
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
