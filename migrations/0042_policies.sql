-- Whose rows are whose, table by table (0041 has the functions). A candidate: what is their own. An assessor: what is
-- their own, and the sessions on whose jury they sit. Manager, planner, reception, auditor: what is of their centre, as
-- far as their work goes. The house itself and the administrator: everything, but for what is named here.
--
-- "(select …)" asks once per statement. On the tables that a booking touches the question is asked in place instead: to
-- set up dozens of sub-plans took longer than to ask again for each of its few rows.

-- scheduling. Where the centres are, what rooms they have and when these are open is public; what is not is the rest.

select service.protect(t) from unnest('{scheduling.centres, scheduling.sites, scheduling.rooms, scheduling.opening_hours,
    scheduling.equipment, scheduling.closures, scheduling.sessions, scheduling.equipment_reservations, scheduling.jury_seats,
    scheduling.bookings, scheduling.availability, scheduling.feeds}'::regclass[]) t;

create policy public on scheduling.centres for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on scheduling.sites for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy centre on scheduling.sites to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy public on scheduling.rooms for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy centre on scheduling.rooms to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy public on scheduling.opening_hours for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy centre on scheduling.opening_hours to preuve_application
    using ((select service.plans()) and exists (
        select from scheduling.rooms r where r.id = room_id and r.centre_id = (select service.acting_centre())));
create policy centre on scheduling.equipment to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy centre_reads on scheduling.equipment for select to preuve_application
    using ((select service.reads()) and service.is_my_centre(centre_id));
create policy jury on scheduling.equipment for select to preuve_application
    using ((select service.acting_assessor()) is not null
           and exists (select from scheduling.equipment_reservations q where q.equipment_id = equipment.id));
create policy centre on scheduling.closures to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy centre_reads on scheduling.closures for select to preuve_application
    using ((select service.reads()) and service.is_my_centre(centre_id));

-- A session is public while it takes bookings. Whoever books or gives back a seat moves the counter, and nothing else.
create policy public on scheduling.sessions for select to preuve_application
    using (opened_at is not null and locked_at is null and cancelled_at is null and service.acting_role() is not null);
create policy centre on scheduling.sessions to preuve_application
    using (service.plans() and centre_id = service.acting_centre());
create policy centre_reads on scheduling.sessions for select to preuve_application
    using (service.reads() and service.is_my_centre(centre_id));
create policy centre_locks on scheduling.sessions for update to preuve_application
    using (service.receives() and centre_id = service.acting_centre());
create policy own on scheduling.sessions for select to preuve_application
    using (service.acting_candidate() is not null and scheduling.has_my_booking(id));
create policy own_counts on scheduling.sessions for update to preuve_application
    using (service.acting_candidate() is not null
           and (opened_at is not null and locked_at is null and cancelled_at is null or scheduling.has_my_booking(id)));
create policy jury on scheduling.sessions for select to preuve_application
    using (service.acting_assessor() is not null
           and (scheduling.is_before_my_jury(id) or assessments.holds_my_review(id)));
create trigger only_counted before update of id, centre_id, room_id, unit_id, standard_id, language, test_time, setup_minutes,
        teardown_minutes, seats, sequence, planned_at, planned_by, opened_at, opened_by, locked_at, locked_by, started_at,
        started_by, ended_at, ended_by, closed_at, cancelled_at, cancelled_by, cancellation, changed_at, series_id
    on scheduling.sessions for each row execute function service.only_lock('candidate', 'assessor', 'reception', 'auditor');

create policy centre on scheduling.equipment_reservations to preuve_application
    using ((select service.plans()) and scheduling.is_of_my_centre(session_id));
create policy centre_reads on scheduling.equipment_reservations for select to preuve_application
    using ((select service.reads()) and scheduling.is_of_my_centre(session_id));
create policy jury on scheduling.equipment_reservations for select to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_before_my_jury(session_id));

create policy own on scheduling.jury_seats for select to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy jury on scheduling.jury_seats for select to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_before_my_jury(session_id));
create policy centre on scheduling.jury_seats to preuve_application
    using ((select service.plans()) and scheduling.is_of_my_centre(session_id));
create policy centre_reads on scheduling.jury_seats for select to preuve_application
    using ((select service.reads()) and scheduling.is_of_my_centre(session_id));

create policy own on scheduling.bookings to preuve_application
    using (candidate_id = service.acting_candidate());
create policy centre on scheduling.bookings to preuve_application
    using (service.receives() and scheduling.is_of_my_centre(session_id));
create policy centre_reads on scheduling.bookings for select to preuve_application
    using (service.reads() and scheduling.is_of_my_centre(session_id));
create policy jury on scheduling.bookings for select to preuve_application
    using (service.acting_assessor() is not null and scheduling.is_before_my_jury(session_id));
create policy review on scheduling.bookings for select to preuve_application
    using (service.acting_assessor() is not null and assessments.is_mine_to_review(id));

create policy own on scheduling.availability to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy pool on scheduling.availability for select to preuve_application using ((select service.plans()));
create policy own on scheduling.feeds to preuve_application
    using (created_by = (select service.acting_account()));

-- assessments, the catalogue: everybody reads it, and who is accredited for what; the administrator writes it.

select service.protect(t) from unnest('{assessments.schemes, assessments.trades, assessments.units, assessments.standards,
    assessments.accreditations}'::regclass[]) t;
create policy public on assessments.schemes for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on assessments.trades for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on assessments.units for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy public on assessments.standards for select to preuve_application
    using (published_at is not null and (select service.acting_role()) is not null);
create policy public on assessments.accreditations for select to preuve_application
    using ((select service.acting_role()) is not null);

-- assessments, people. Juries are filled from all assessors, so who plans sees them all; an auditor sees no person.

select service.protect(t) from unnest('{assessments.candidates, assessments.assessors, assessments.qualifications,
    assessments.links, assessments.enrolments, assessments.accommodations}'::regclass[]) t;
select service.protect(t, '{house}') from unnest('{assessments.national_numbers, assessments.consents}'::regclass[]) t;

create policy own on assessments.candidates to preuve_application
    using (id = (select service.acting_candidate()));
create policy centre on assessments.candidates for select to preuve_application
    using ((select service.receives()) and assessments.comes_to_my_centre(id));
create policy jury on assessments.candidates for select to preuve_application
    using ((select service.acting_assessor()) is not null and assessments.comes_before_me(id));
create policy own on assessments.assessors to preuve_application
    using (id = (select service.acting_assessor()));
create policy pool on assessments.assessors for select to preuve_application using ((select service.plans()));
create policy jury on assessments.assessors for select to preuve_application
    using ((select service.acting_assessor()) is not null and assessments.sits_with_me(id));
create policy centre on assessments.assessors to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy own on assessments.qualifications for select to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy pool on assessments.qualifications for select to preuve_application using ((select service.plans()));
create policy own on assessments.links to preuve_application
    using (assessor_id = (select service.acting_assessor()) or candidate_id = (select service.acting_candidate()));
create policy centre on assessments.links to preuve_application
    using ((select service.plans()) and assessments.comes_to_my_centre(candidate_id));
create policy own on assessments.enrolments to preuve_application
    using (candidate_id = service.acting_candidate());
create policy centre on assessments.enrolments to preuve_application
    using (service.plans() and assessments.comes_to_my_centre(candidate_id));
create policy own on assessments.accommodations to preuve_application
    using (candidate_id = service.acting_candidate());
create policy centre on assessments.accommodations to preuve_application
    using (service.plans() and assessments.comes_to_my_centre(candidate_id));
create policy day on assessments.accommodations for select to preuve_application
    using (granted_at is not null and (
        service.receives() and assessments.comes_to_my_centre(candidate_id)
        or service.acting_assessor() is not null and assessments.comes_before_me(candidate_id)));
create policy own on assessments.national_numbers to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy own on assessments.consents to preuve_application
    using (candidate_id = (select service.acting_candidate()));

-- assessments, what came of it: not for planner and reception. A recording is its author's until it is unsealed; a
-- candidate reads once they are told.

select service.protect(t, '{house}') from unnest('{assessments.recordings, assessments.ratings}'::regclass[]) t;
select service.protect(t) from unnest('{assessments.deliberations, assessments.decisions, assessments.appeals,
    assessments.appeal_reviewers, assessments.profiles}'::regclass[]) t;

create policy own on assessments.recordings to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy unsealed on assessments.recordings for select to preuve_application
    using (submitted_at is not null and assessments.is_unsealed(booking_id) and (
        (select service.acting_role()) = 'administrator'
        or (select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id)
        or (select service.acting_assessor()) is not null
            and (scheduling.is_test_before_my_jury(booking_id) or assessments.is_mine_to_review(booking_id))));
create policy told on assessments.recordings for select to preuve_application
    using ((select service.acting_candidate()) is not null
           and scheduling.is_my_test(booking_id) and assessments.is_told(booking_id));
create policy read_with_it on assessments.ratings for select to preuve_application
    using (exists (select from assessments.recordings r where r.id = recording_id));
create policy own on assessments.ratings to preuve_application
    using (exists (select from assessments.recordings r
                   where r.id = recording_id and r.assessor_id = (select service.acting_assessor())));

create policy centre on assessments.deliberations to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));
create policy centre_reads on assessments.deliberations for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id));
create policy jury on assessments.deliberations for select to preuve_application
    using ((select service.acting_assessor()) is not null
           and (scheduling.is_test_before_my_jury(booking_id) or assessments.is_mine_to_review(booking_id)));
create policy told on assessments.deliberations for select to preuve_application
    using ((select service.acting_candidate()) is not null
           and scheduling.is_my_test(booking_id) and assessments.is_told(booking_id));

create policy told on assessments.decisions for select to preuve_application
    using (released_at is not null and candidate_id = (select service.acting_candidate()));
create policy told_locks on assessments.decisions for update to preuve_application
    using (released_at is not null and candidate_id = (select service.acting_candidate()));
create policy centre on assessments.decisions to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));
create policy centre_reads on assessments.decisions for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id));
create policy jury on assessments.decisions for select to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_test_before_my_jury(booking_id));
create policy review on assessments.decisions to preuve_application
    using ((select service.acting_assessor()) is not null and assessments.is_mine_to_review(booking_id));
create trigger only_lock before update on assessments.decisions
    for each row execute function service.only_lock('candidate', 'reception', 'auditor');

create policy own on assessments.appeals to preuve_application
    using ((select service.acting_candidate()) is not null and exists (
        select from assessments.decisions d
        where d.id = decision_id and d.candidate_id = (select service.acting_candidate())));
create policy centre_reads on assessments.appeals for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor')
           and exists (select from assessments.decisions d where d.id = decision_id));
create policy review on assessments.appeals to preuve_application
    using ((select service.acting_assessor()) is not null and exists (
        select from assessments.decisions d where d.id = decision_id and assessments.is_mine_to_review(d.booking_id)));
create trigger only_lock before update on assessments.appeals
    for each row execute function service.only_lock('candidate', 'reception', 'auditor');
create policy own on assessments.appeal_reviewers for select to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy with_it on assessments.appeal_reviewers for select to preuve_application
    using (((select service.acting_role()) in ('manager', 'auditor') or (select service.acting_assessor()) is not null)
           and exists (select from assessments.appeals a where a.id = appeal_id));

create policy centre on assessments.profiles to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));
create policy centre_reads on assessments.profiles for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id));
create policy jury on assessments.profiles for select to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_test_before_my_jury(booking_id));
create policy told on assessments.profiles for select to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));

-- certificates: issued by the house. What a code opens for a stranger, the house answers (service.web.certificates).

select service.protect(t) from unnest('{certificates.numbers, certificates.register, certificates.documents}'::regclass[]) t;
create policy own on certificates.register for select to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy centre on certificates.register for select to preuve_application
    using ((select service.acting_role()) = 'manager' and centre_id = (select service.acting_centre()));
create policy centre_suspends on certificates.register for update to preuve_application
    using ((select service.acting_role()) = 'manager' and centre_id = (select service.acting_centre()));
create policy with_it on certificates.documents for select to preuve_application
    using (exists (select from certificates.register k where k.id = certificate_id));

-- service: everybody adds to the news; all else is the account's own, or the house's.

select service.protect(t) from unnest('{service.accounts, service.outbox, service.report_imports, service.milestones,
    service.erasures, service.retention, service.audit, service.audit_seals, service.logins, service.tokens}'::regclass[]) t;
select service.protect(t, '{house}') from unnest('{service.sign_in_links, service.idempotency, service.mails,
    service.share_links, service.share_views, service.exports, service.ceremonies, service.provider_subjects, service.passkeys,
    service.passwords}'::regclass[]) t;
select service.grant_audit('preuve_application');

create policy news on service.outbox for insert to preuve_application
    with check (service.acting_role() is not null);
create policy own on service.accounts for select to preuve_application
    using (id = (select service.acting_account()));
create policy own on service.logins to preuve_application
    using (account_id = (select service.acting_account()));
create policy own on service.tokens to preuve_application
    using (account_id = (select service.acting_account()));
create policy own on service.passkeys for select to preuve_application
    using (account_id = (select service.acting_account()));
create policy own on service.idempotency to preuve_application
    using (account_id = service.acting_account());
create policy own on service.share_links to preuve_application
    using (exists (select from assessments.consents c where c.id = consent_id));
create policy own on service.share_views for select to preuve_application
    using (exists (select from service.share_links l where l.id = link_id));
create policy own on service.exports to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy own on service.erasures to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy trail on service.audit for insert to preuve_application
    with check (service.acting_role() is not null);
create policy own on service.audit for select to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy centre on service.audit for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and service.is_my_centre(centre_id));
