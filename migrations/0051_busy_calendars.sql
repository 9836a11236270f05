-- The address of an assessor's own calendar, which is read again and again: of it only the busy times are kept.

create table scheduling.busy_calendars (
    assessor_id uuid primary key references assessments.assessors,
    url         text not null check (length(url) <= 2000),
    asked_at    timestamptz not null,
    due_at      timestamptz not null,                     -- when it is read next
    read_at     timestamptz,                              -- when that last went well
    failure     text check (failure in ('not_public', 'unreachable', 'too_large', 'unreadable'))
);
create index on scheduling.busy_calendars (due_at);
