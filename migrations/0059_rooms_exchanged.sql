-- Two sessions change rooms: between the two moves both are in one room, and at the end of the transaction neither is. The
-- constraint judges at once as before, unless a transaction asks it to wait.
alter table scheduling.sessions drop constraint room_busy;
alter table scheduling.sessions add constraint room_busy exclude using gist (room_id with =, occupied with &&)
    where (cancelled_at is null) deferrable initially immediate;
comment on constraint room_busy on scheduling.sessions is 'Set-up, extra time and tear-down included; cancelled sessions give the room back.';

-- Lines of a file that stand in each other's way one by one, and not together, are written in one transaction.
alter table service.import_lines add column together int;  -- the number of the first of them
