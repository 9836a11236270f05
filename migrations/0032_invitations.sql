-- Invitations: a seat that is held for somebody until they have answered. The seat itself is a jury seat like any other,
-- so that two centres cannot both count on one person.

create table scheduling.invitations (
    id          uuid primary key default gen_random_uuid(),
    session_id  uuid not null references scheduling.sessions,
    assessor_id uuid not null references assessments.assessors,
    role        text not null check (role in ('evaluator', 'observer')),
    seat_id     uuid not null unique references scheduling.jury_seats,
    invited_at  timestamptz not null,
    invited_by  uuid,
    answer_by   timestamptz not null check (answer_by > invited_at),
    accepted_at timestamptz,
    declined_at timestamptz,
    lapsed_at   timestamptz,
    check (num_nonnulls(accepted_at, declined_at, lapsed_at) <= 1)
);
create index on scheduling.invitations (assessor_id, answer_by);
create index invitations_open on scheduling.invitations (answer_by)
    where accepted_at is null and declined_at is null and lapsed_at is null;
create trigger audit after insert or update or delete on scheduling.invitations
    for each row execute function service.record_change('invitation', 'role', 'answer_by');

-- A list is not closed on people who have not said yes.
create function scheduling.guard_lock() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.invitations i join scheduling.jury_seats j on j.id = i.seat_id
               where i.session_id = new.id and j.released_at is null and i.accepted_at is null) then
        perform service.refuse('invitation_unanswered');
    end if;
    return new;
end $$;
create trigger guard_lock before update of locked_at on scheduling.sessions
    for each row when (new.locked_at is not null and old.locked_at is null) execute function scheduling.guard_lock();
