-- Series: sessions drafted together by a wall-clock pattern (RFC 5545). Each one is then a session like any other.

create table scheduling.series (
    id         uuid primary key default gen_random_uuid(),
    centre_id  uuid not null references scheduling.centres,
    room_id    uuid not null,
    unit_id    uuid not null references assessments.units,
    language   service.language not null,
    seats      int not null check (seats > 0),
    rule       text not null check (rule like 'FREQ=%'),     -- an RRULE; its times are those of the clock in Brussels
    first_day  date not null,
    at         time not null,
    planned_at timestamptz not null,
    planned_by uuid,
    foreign key (room_id, centre_id) references scheduling.rooms (id, centre_id)
);
create trigger audit after insert or update or delete on scheduling.series
    for each row execute function service.record_change('series', 'language', 'seats', 'rule', 'first_day', 'at');

-- Set when a session is drafted and never changed: the trail keeps it with the draft.
alter table scheduling.sessions add series_id uuid references scheduling.series;
create index on scheduling.sessions (series_id) where series_id is not null;
