-- Where nobody of the centre may decide (its manager has a tie, or sat on the jury), an administrator records the decision of a
-- substitute: a manager of another centre. Who recorded it and why stands in the decision, and in the audit trail.

alter table assessments.decisions
    add column substitution text,          -- why somebody else decides
    add column recorded_by  uuid,          -- the account of the administrator
    add check ((substitution is null) = (recorded_by is null)),
    add constraint substitution_unmotivated check (substitution is null or btrim(substitution) <> '');

-- Whether somebody could take this decision: not of the jury (of a profile), no grid, no tie.
create function assessments.may_decide(a_person uuid, a_booking uuid, a_profile text) returns boolean language sql stable
begin atomic
    select not exists (select from scheduling.bookings b join scheduling.jury_seats j on j.session_id = b.session_id
                       where b.id = a_booking and j.assessor_id = a_person and j.released_at is null
                         and (j.role <> 'manager' or a_profile = 'strict-17024'))
       and not exists (select from assessments.recordings r where r.booking_id = a_booking and r.assessor_id = a_person)
       and not exists (select from scheduling.bookings b
                       where b.id = a_booking and (b.candidate_id = a_person
                             or assessments.conflict(a_person, b.candidate_id, 'decider')));
end;
alter function assessments.may_decide(uuid, uuid, text) security definer set search_path = pg_catalog, pg_temp;

-- Whether anybody who signs for the centre could.
create function assessments.centre_may_decide(a_booking uuid, a_profile text) returns boolean language sql stable
begin atomic
    select exists (select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                   join service.accounts k on k.centre_id = s.centre_id and k.role = 'manager'
                        and k.assessor_id is not null and k.disabled_at is null
                   where b.id = a_booking and assessments.may_decide(k.assessor_id, a_booking, a_profile));
end;
alter function assessments.centre_may_decide(uuid, text) security definer set search_path = pg_catalog, pg_temp;

create function assessments.guard_substitution() returns trigger language plpgsql as $$
begin
    if assessments.centre_may_decide(new.booking_id, new.profile) then
        perform service.refuse('substitute_unneeded');
    end if;
    if not exists (select from service.accounts k where k.assessor_id = new.taken_by and k.role = 'manager'
                   and k.disabled_at is null) then
        perform service.refuse('substitute_no_manager');
    end if;
    return new;
end $$;
create trigger guard_substitution before insert on assessments.decisions
    for each row when (new.substitution is not null) execute function assessments.guard_substitution();
