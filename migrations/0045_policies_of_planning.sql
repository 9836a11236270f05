-- Row security of planning: a centre its own series, repairs and invitations; assessors and candidates what is theirs.

select service.protect(t) from unnest('{scheduling.series, scheduling.availability_exceptions, scheduling.busy_times,
    scheduling.assessor_limits, scheduling.travel_times, scheduling.invitations, scheduling.rebookings,
    scheduling.turnings_away, scheduling.priorities, scheduling.repairs}'::regclass[]) t;

create policy centre on scheduling.series to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy centre on scheduling.repairs to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy public on scheduling.travel_times for select to preuve_application
    using ((select service.acting_role()) is not null);
-- The way between two sites is said by the centre of either.
create policy centre on scheduling.travel_times to preuve_application
    using ((select service.plans()) and exists (
        select from scheduling.sites s
        where s.id in (one_site, other_site) and s.centre_id = (select service.acting_centre())));

-- Juries are filled from all assessors: whoever plans reads when they can come, and notes it for those who telephone.
create policy own on scheduling.availability_exceptions to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy pool on scheduling.availability_exceptions to preuve_application using ((select service.plans()));
create policy own on scheduling.busy_times to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy pool on scheduling.busy_times for select to preuve_application using ((select service.plans()));
create policy own on scheduling.assessor_limits to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy pool on scheduling.assessor_limits to preuve_application using ((select service.plans()));
-- A centre notes weekly hours too (scheduling.availability has a policy for reading only).
create policy pool_notes on scheduling.availability to preuve_application using ((select service.plans()));

-- What stands against a seat, in whichever centre: whoever plans learns the rule, not the seat elsewhere.
alter function scheduling.seat_objections(uuid, uuid, tstzrange) security definer set search_path = pg_catalog, pg_temp;

create function scheduling.is_busy(a_person uuid, a_session uuid, at tstzrange) returns boolean language plpgsql stable
security definer set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.jury_seats j where j.assessor_id = a_person and j.session_id <> a_session
                     and j.released_at is null and j.role <> 'manager' and j.during && at)
        or exists (select from scheduling.bookings b where b.candidate_id = a_person and b.released_at is null
                     and b.during && at);
end $$;

-- How many seats an assessor has from `since` to `until`; and the minutes to a session from the nearest other one that day.
create function scheduling.seats_between(an_assessor uuid, since timestamptz, until timestamptz) returns int language plpgsql
stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return (select count(*) from scheduling.jury_seats j where j.assessor_id = an_assessor and j.released_at is null
              and lower(j.during) between since and until);
end $$;
create function scheduling.minutes_to(a_session uuid, an_assessor uuid) returns int language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select min(t.minutes) from scheduling.sessions s join scheduling.rooms h on h.id = s.room_id
            join scheduling.jury_seats j on j.assessor_id = an_assessor and j.released_at is null
            join scheduling.sessions o on o.id = j.session_id and o.id <> s.id
            join scheduling.rooms x on x.id = o.room_id
            join scheduling.travel_times t on t.one_site = least(x.site_id, h.site_id)
                                          and t.other_site = greatest(x.site_id, h.site_id)
            where s.id = a_session and service.day(lower(o.test_time)) = service.day(lower(s.test_time)));
end $$;

create policy own on scheduling.invitations to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy centre on scheduling.invitations to preuve_application
    using ((select service.plans()) and scheduling.is_of_my_centre(session_id));
-- Who declines an invitation frees the seat that it held, and changes nothing else of it.
create policy own_frees on scheduling.jury_seats for update to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create trigger only_freed before update of id, session_id, assessor_id, role, given_at, given_by, despite
    on scheduling.jury_seats for each row execute function service.only_lock('assessor');
-- Who was invited sees for what, and still does after they declined.
create function scheduling.invites_me(a_session uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.invitations i
                   where i.session_id = a_session and i.assessor_id = service.acting_assessor());
end $$;
create policy invited on scheduling.sessions for select to preuve_application
    using (service.acting_assessor() is not null and scheduling.invites_me(id));

create policy own on scheduling.rebookings for select to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
create policy centre on scheduling.rebookings to preuve_application
    using ((select service.plans()) and scheduling.is_test_of_my_centre(instead_of));
create policy own on scheduling.turnings_away for select to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
create policy centre on scheduling.turnings_away to preuve_application
    using ((select service.receives()) and scheduling.is_test_of_my_centre(booking_id));
create policy own on scheduling.priorities for select to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy centre on scheduling.priorities to preuve_application
    using ((select service.receives()) and scheduling.is_test_of_my_centre(booking_id));

-- A place in another centre for a candidate of one's own: whoever plans takes it, reads of that centre what they took,
-- and of its session moves the counter, while it takes bookings.
create policy given_elsewhere on scheduling.bookings for select to preuve_application
    using (service.plans() and booked_by = service.acting_account());
create policy gives_elsewhere on scheduling.bookings for insert to preuve_application
    with check (service.plans() and booked_by = service.acting_account() and assessments.comes_to_my_centre(candidate_id));
create policy counts_elsewhere on scheduling.sessions for update to preuve_application
    using (service.plans() and opened_at is not null and locked_at is null and cancelled_at is null);
create function scheduling.only_count_elsewhere() returns trigger language plpgsql as $$
begin
    if service.plans() and old.centre_id is distinct from service.acting_centre() then
        raise exception 'a session of another centre is not for % to change', service.acting_role()
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger only_counted_elsewhere before update of id, centre_id, room_id, unit_id, standard_id, language, test_time,
        setup_minutes, teardown_minutes, seats, sequence, planned_at, planned_by, opened_at, opened_by, locked_at, locked_by,
        started_at, started_by, ended_at, ended_by, closed_at, cancelled_at, cancelled_by, cancellation, changed_at, series_id
    on scheduling.sessions for each row execute function scheduling.only_count_elsewhere();

-- A repair is chosen from what is free in every centre, for the sessions of one's own.
alter function scheduling.repair_snapshot(text, uuid, uuid, tstzrange, timestamptz) rename to repair_choices;
alter function scheduling.repair_choices(text, uuid, uuid, tstzrange, timestamptz)
    security definer set search_path = pg_catalog, pg_temp;
revoke execute on function scheduling.repair_choices(text, uuid, uuid, tstzrange, timestamptz) from public;
create function scheduling.repair_snapshot(a_trouble text, a_subject uuid, a_centre uuid, period tstzrange, moment timestamptz)
returns jsonb language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    if service.acting_role() in ('manager', 'planner') and a_centre is distinct from service.acting_centre() then
        return '[]';
    end if;
    return scheduling.repair_choices(a_trouble, a_subject, a_centre, period, moment);
end $$;

select service.arm_guards();
