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

-- Set when a session is drafted and never changed.
alter table scheduling.sessions add series_id uuid references scheduling.series;
create index on scheduling.sessions (series_id) where series_id is not null;

-- As in 0010, with the new column.
create or replace trigger audit after insert or delete or update of centre_id, room_id, unit_id, standard_id, language,
        test_time, setup_minutes, teardown_minutes, seats, planned_at, planned_by, opened_at, opened_by, locked_at, locked_by,
        started_at, started_by, ended_at, ended_by, closed_at, cancelled_at, cancelled_by, cancellation, series_id
    on scheduling.sessions for each row execute function service.record_change(
        'session', 'language', 'test_time', 'setup_minutes', 'teardown_minutes', 'seats');
