-- Candidates whom the centre gives another place, and those who go first in line because the centre failed them.

create table scheduling.rebookings (
    booking_id  uuid primary key references scheduling.bookings,
    instead_of  uuid not null unique references scheduling.bookings,
    cause       text not null check (cause in ('split', 'merge', 'repair', 'cancellation')),
    rebooked_at timestamptz not null,
    rebooked_by uuid,
    check (booking_id <> instead_of)
);

-- Why somebody who came was turned away: what the centre answers for, and what the candidate does.
create table scheduling.turnings_away (
    booking_id uuid primary key references scheduling.bookings,
    cause      text not null check (cause in ('equipment', 'room', 'jury', 'organisation',
                                              'identity', 'contract', 'late', 'conduct')),
    turned_at  timestamptz not null,
    turned_by  uuid
);
create trigger audit after insert or update or delete on scheduling.turnings_away
    for each row execute function service.record_change('turning_away', 'cause');

-- A place in front of everybody who waits for the unit, in any centre; in the order of granted_at among themselves.
create table scheduling.priorities (
    booking_id   uuid primary key references scheduling.bookings,
    candidate_id uuid not null references assessments.candidates,
    unit_id      uuid not null references assessments.units,
    cause        text not null check (cause in ('turned_away', 'cancelled_by_centre')),
    granted_at   timestamptz not null,
    granted_by   uuid
);
create index on scheduling.priorities (unit_id, granted_at);
create index on scheduling.priorities (candidate_id);
create trigger audit after insert or update or delete on scheduling.priorities
    for each row execute function service.record_change('priority', 'cause');
