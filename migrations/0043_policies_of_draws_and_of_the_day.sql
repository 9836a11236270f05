-- Row security of what came beside it: draws of places (0016) and the day of the test (0040).

-- Every guard judges by all there is. migrations.apply asks this after whatever is new, as it does service.open_views(),
-- so that a trigger function made or replaced later is no exception.
create function service.arm_guards() returns void language plpgsql as $$
declare
    f record;
begin
    for f in select p.oid::regprocedure as name from pg_proc p
             where p.pronamespace::regnamespace::text in ('service', 'scheduling', 'assessments', 'certificates')
               and p.prorettype = 'trigger'::regtype and not (p.prosecdef and p.proconfig is not null) loop
        execute format('alter function %s security definer set search_path = pg_catalog, pg_temp', f.name);
    end loop;
end $$;
revoke execute on function service.arm_guards() from public;
select service.arm_guards();
-- booking_conditions stays as it is: only the guard and booking_refusals ask it, and both run as the owner.
alter function scheduling.places_held(uuid) set search_path = pg_catalog, pg_temp;

-- Draws. That there is one, its moment, its hash and later its seed are public; who asked is nobody's business but theirs.

select service.protect(t) from unnest('{scheduling.fair_use, scheduling.openings, scheduling.asks}'::regclass[]) t;

create policy public on scheduling.fair_use for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on scheduling.openings for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy centre on scheduling.openings to preuve_application
    using ((select service.plans()) and scheduling.is_of_my_centre(session_id));
create policy own on scheduling.asks to preuve_application
    using (candidate_id = (select service.acting_candidate()))
    with check (candidate_id = (select service.acting_candidate())
                and position is null and booking_id is null and refusal is null);   -- that is the draw's to say

-- The order of a draw, without who they are: whoever asked knows the id of their ask.
create function scheduling.drawn_order(an_opening uuid)
returns table (id uuid, "position" int, placed boolean, fell_out boolean) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return query select a.id, a.position, a.booking_id is not null, a.refusal is not null from scheduling.asks a
        where a.opening_id = an_opening and a.withdrawn_at is null and a.position is not null order by a.position;
end $$;

-- A session whose places are drawn is public before it is open. By its name the policy is asked last.
create function scheduling.was_announced(a_session uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.openings o where o.session_id = a_session);
end $$;
create policy with_draw on scheduling.sessions for select to preuve_application
    using (service.acting_role() is not null and scheduling.was_announced(id));

-- The day. Whoever gave their seat back still brings what their device holds, and is told that it does not count: they
-- see the session and its bookings, of the candidates nothing.

create function scheduling.sat_on_jury(a_session uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.jury_seats j
                   where j.session_id = a_session and j.assessor_id = service.acting_assessor() and j.role <> 'manager');
end $$;
create function scheduling.is_test_that_i_sat(a_booking uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b where b.id = a_booking and scheduling.sat_on_jury(b.session_id));
end $$;
create policy jury_then on scheduling.sessions for select to preuve_application
    using (service.acting_assessor() is not null and scheduling.sat_on_jury(id));
create policy jury_then on scheduling.bookings for select to preuve_application
    using (service.acting_assessor() is not null and scheduling.sat_on_jury(session_id));

-- Locks that a member of the jury takes on rows which are not theirs to change. They show nothing.
create function scheduling.hold_seat(a_session uuid, an_assessor uuid) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$ begin
    perform from scheduling.sessions s where s.id = a_session for share;
    perform from scheduling.jury_seats j where j.session_id = a_session and j.assessor_id = an_assessor
        order by j.id for no key update;
end $$;
create function assessments.hold_test(a_recording uuid) returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$ begin
    perform from scheduling.bookings b where b.id = (
        select r.booking_id from assessments.recordings r where r.id = a_recording) for share;
end $$;

-- Entries and photographs are read as recordings are (0042_policies.sql): their author's until all have submitted. They
-- are only ever added to; what goes, the house lets go.
select service.protect(t, '{house}') from unnest('{assessments.entries, assessments.photos}'::regclass[]) t;

create policy own on assessments.entries for select to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy own_adds on assessments.entries for insert to preuve_application
    with check (assessor_id = (select service.acting_assessor()) and scheduling.is_test_that_i_sat(booking_id));
create policy unsealed on assessments.entries for select to preuve_application
    using (assessments.is_unsealed(booking_id) and (
        (select service.acting_role()) = 'administrator'
        or (select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id)
        or (select service.acting_assessor()) is not null
            and (scheduling.is_test_before_my_jury(booking_id) or assessments.is_mine_to_review(booking_id))));
create policy told on assessments.entries for select to preuve_application
    using ((select service.acting_candidate()) is not null
           and scheduling.is_my_test(booking_id) and assessments.is_told(booking_id));

create policy own on assessments.photos for select to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy own_adds on assessments.photos for insert to preuve_application
    with check (assessor_id = (select service.acting_assessor()) and scheduling.is_test_that_i_sat(booking_id));
create policy unsealed on assessments.photos for select to preuve_application
    using (assessments.is_unsealed(booking_id) and (
        (select service.acting_role()) = 'administrator'
        or (select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id)
        or (select service.acting_assessor()) is not null
            and (scheduling.is_test_before_my_jury(booking_id) or assessments.is_mine_to_review(booking_id))));
create policy told on assessments.photos for select to preuve_application
    using ((select service.acting_candidate()) is not null
           and scheduling.is_my_test(booking_id) and assessments.is_told(booking_id));

-- An auditor sees no person; the pages say under a pseudonym who sat and who did it. These give the ids it is made of.
create function assessments.is_employed(an_assessor uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select a.centre_id is not null from assessments.assessors a where a.id = an_assessor);
end $$;
create function service.person_behind(an_account uuid) returns table (candidate_id uuid, assessor_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return query select k.candidate_id, k.assessor_id from service.accounts k
        where k.id = an_account and service.acting_role() in ('house', 'administrator', 'auditor');
end $$;
