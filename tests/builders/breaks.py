"""Ways to break each rule of the audit by raw SQL, on the world of tests/builders/outcomes.py, with the guards away."""

# Each statement breaks one rule, the first time it is run on the world below; {…} are its rows.
BREAKS = [
    ("overlaps", "a room", """
        alter table scheduling.sessions drop constraint room_busy;
        update scheduling.sessions set room_id = (select room_id from scheduling.sessions where id = '{passed.session}')
        where id = '{failed.session}'"""),
    ("overlaps", "a thing", """
        alter table scheduling.equipment_reservations drop constraint equipment_busy;
        insert into scheduling.equipment_reservations (session_id, equipment_id, during)
        select id, '{reviewer}', occupied from scheduling.sessions where id in ('{passed.session}', '{failed.session}')"""),
    ("overlaps", "an assessor", """
        alter table scheduling.jury_seats drop constraint assessor_busy;
        update scheduling.jury_seats set assessor_id = '{passed.evaluator}' where assessor_id = '{failed.evaluator}'"""),
    ("overlaps", "an assessor who is a candidate elsewhere", """
        update scheduling.jury_seats set assessor_id = '{passed.candidate}' where assessor_id = '{failed.evaluator}';
        update assessments.qualifications set assessor_id = '{passed.candidate}' where assessor_id = '{failed.evaluator}'"""),
    ("overlaps", "a candidate", """
        alter table scheduling.bookings drop constraint candidate_busy;
        update scheduling.bookings set candidate_id = '{passed.candidate}' where id = '{failed.booking}'"""),
    ("overlaps", "set-up", """
        update scheduling.sessions set setup_minutes = 29 where id = '{coming}';
        update scheduling.jury_seats j set during = s.occupied from scheduling.sessions s
        where s.id = j.session_id and s.id = '{coming}'"""),
    ("overlaps", "extra time the session does not keep",
     "update scheduling.bookings set extra_minutes = 1 where id = '{coming_booking}'"),
    ("overlaps", "extra time the booking does not have", """
        insert into assessments.accommodations (candidate_id, measure, extra_percent, requested_at, granted_at)
        select candidate_id, 'extra_time', 25, booked_at - interval '2 day', booked_at - interval '1 day'
        from scheduling.bookings where id = '{coming_booking}'"""),
    ("overbooking", "more seats than evaluators can see",
     "update scheduling.sessions set seats = 5 where id = '{coming}'"),
    ("overbooking", "more seats than stations", """
        update scheduling.rooms set stations = 1 where id = (select room_id from scheduling.sessions where id = '{coming}')"""),
    ("overbooking", "more people than seats", """
        alter table scheduling.sessions drop constraint session_full;
        update scheduling.sessions set seats = 1, taken = 2 where id = '{coming}';
        insert into scheduling.bookings (session_id, unit_id, test_time, candidate_id, booked_at, confirmed_at, changed_at)
        select session_id, unit_id, test_time, '{failed.candidate}', booked_at, booked_at, changed_at
        from scheduling.bookings where id = '{coming_booking}'"""),
    ("accreditations", "none", "delete from assessments.accreditations where centre_id = '{failed.centre}'"),
    ("accreditations", "ends the day before", """
        update assessments.accreditations set valid = daterange('2025-01-01', '2026-09-15')
        where centre_id = '{failed.centre}'"""),
    ("juries", "no observer", """
        update scheduling.jury_seats set released_at = given_at where assessor_id = '{failed.observer}'"""),
    ("juries", "two managers", """
        drop index scheduling.manager_already_seated;
        insert into scheduling.jury_seats (session_id, assessor_id, role, during, given_at)
        select session_id, '{reviewer}', role, during, given_at from scheduling.jury_seats
        where session_id = '{passed.session}' and role = 'manager'"""),
    ("juries", "one person twice", """
        drop index scheduling.assessor_already_seated;
        update scheduling.jury_seats set released_at = given_at
        where session_id = '{coming}' and assessor_id = '{passed.manager}';
        insert into scheduling.jury_seats (session_id, assessor_id, role, during, given_at)
        select session_id, assessor_id, 'manager', during, given_at from scheduling.jury_seats
        where assessor_id = '{coming_evaluator}'"""),
    ("juries", "a qualification that ended", """
        update assessments.qualifications set valid = daterange('2025-01-01', '2026-09-15')
        where assessor_id = '{failed.evaluator}'"""),
    ("juries", "another language",
     "update assessments.assessors set languages = '{{nl}}' where id = '{coming_observer}'"),
    ("observers", "of the centre",
     "update assessments.assessors set centre_id = '{failed.centre}' where id = '{failed.observer}'"),
    ("ties", "kin", """
        insert into assessments.links (assessor_id, candidate_id, kind, declared_at)
        values ('{passed.evaluator}', '{passed.candidate}', 'kinship', '{early}')"""),
    ("ties", "a teacher who observes", """
        insert into assessments.links (assessor_id, candidate_id, kind, declared_at)
        values ('{passed.observer}', '{passed.candidate}', 'teaching', '{early}')"""),
    ("ties", "oneself", """
        update scheduling.jury_seats set assessor_id = (
            select candidate_id from scheduling.bookings where id = '{coming_booking}')
        where session_id = '{coming}' and role = 'manager'"""),
    ("guidance", "none after two failures", """
        drop index assessments.already_decided;
        insert into assessments.decisions (booking_id, deliberation_id, candidate_id, unit_id, outcome, profile, taken_by,
                                           taken_at, released_at, superseded_at)
        select d.booking_id, d.deliberation_id, b.candidate_id, d.unit_id, 'fail', d.profile, d.taken_by, d.taken_at,
               '{early}', case when n = 3 then '{early}'::timestamptz end
        from assessments.decisions d, scheduling.bookings b, generate_series(1, 3) n
        where d.id = '{fail_decision}' and b.id = '{coming_booking}'"""),
    ("ages", "seventeen", """
        update assessments.candidates set birth_date = '2008-09-16' where id = '{failed.candidate}'"""),
    ("live bookings", "two of one unit", """
        drop index scheduling.unit_already_booked;
        update scheduling.bookings set closed_at = null where id = '{failed.booking}';
        update scheduling.bookings set candidate_id = '{failed.candidate}' where id = '{coming_booking}'"""),
    ("live bookings", "of a unit whose Titre is held", """
        update scheduling.bookings set candidate_id = '{passed.candidate}' where id = '{coming_booking}'"""),
    ("contracts", "none", """
        alter table scheduling.bookings drop constraint contract_unsigned;
        update scheduling.bookings set contract_signed_at = null where id = '{failed.booking}'"""),
    ("contracts", "after the start", """
        update scheduling.bookings set contract_signed_at = contract_signed_at + interval '1 second'
        where id = '{failed.booking}'"""),
    ("ratings", "an entry that says otherwise",
     "update assessments.entries set rating = 'not_met' where assessor_id = '{passed.observer}' and indicator = 'K1'"),
    ("ratings", "one missing", """
        delete from assessments.ratings where indicator = 'K1' and recording_id = (
            select id from assessments.recordings where assessor_id = '{failed.observer}')"""),
    ("ratings", "no reason", """
        alter table assessments.ratings drop constraint reason_missing;
        update assessments.ratings set rating = 'not_observed' where indicator = '2.1' and recording_id = (
            select id from assessments.recordings where assessor_id = '{failed.evaluator}')"""),
    ("ratings", "an eliminatory indicator does not fail", """
        update assessments.ratings set rating = 'not_met' where indicator = '1.1' and recording_id = (
            select id from assessments.recordings where assessor_id = '{failed.evaluator}')"""),
    ("ratings", "not observed counts as not met", """
        update assessments.deliberations set proposal = 'fail' where booking_id = '{failed.booking}';
        update assessments.ratings set rating = 'not_observed', reason = 'hors de vue'
        where indicator = '1.1' and recording_id in (
            select id from assessments.recordings where assessor_id = '{failed.evaluator}')"""),
    ("deliberations", "too early", """
        update assessments.recordings set submitted_at = submitted_at + interval '1 day'
        where assessor_id = '{failed.observer}'"""),
    ("deliberations", "no observer's grid", """
        update assessments.recordings set role = 'evaluator' where assessor_id = '{failed.observer}'"""),
    ("deliberations", "no motivation", """
        alter table assessments.deliberations drop constraint motivation_missing;
        update assessments.deliberations set motivation = ' ' where booking_id = '{failed.booking}'"""),
    ("deliberations", "outvoted", """
        alter table assessments.deliberations drop constraint outcome_outvoted;
        update assessments.deliberations set evaluator_vote = 'pass', observer_vote = 'pass'
        where booking_id = '{failed.booking}'"""),
    ("certificates", "without a pass",
     "update assessments.decisions set released_at = null where id = '{pass_decision}'"),
    ("certificates", "of a revised decision",
     "update assessments.decisions set superseded_at = released_at where id = '{pass_decision}'"),
    ("certificates", "a pass without one",
     "delete from certificates.register; delete from certificates.numbers"),
    ("serials", "a gap", "update certificates.register set number = 2; update certificates.numbers set last = 2"),
    ("serials", "one lost", "update certificates.numbers set last = 2"),
    ("serials", "of another year", "update certificates.register set year = 2025; update certificates.numbers set year = 2025"),
    ("reviewers", "the decider",
     "update assessments.appeal_reviewers set assessor_id = '{failed.manager}'"),
    ("reviewers", "the observer",
     "update assessments.appeal_reviewers set assessor_id = '{failed.observer}'"),
    ("reviewers", "answered by a stranger", """
        update assessments.appeals set answered_at = lodged_at, outcome = 'rejected', motivation = 'Vu',
            answered_by = '{coming_observer}' where id = '{appeal}'"""),
    ("certificates", "of a test that does not count", """
        insert into assessments.appeals (decision_id, grounds, lodged_at, due_on, ruled_at, answered_at, outcome, motivation)
        values ('{pass_decision}', '–', '{early}', '2026-10-14', '{early}', '{early}', 'new_test', '–');
        insert into assessments.new_tests (booking_id, cause, appeal_id, granted_at)
        select '{passed.booking}', 'appeal', id, '{early}' from assessments.appeals where decision_id = '{pass_decision}'"""),
    ("certificates", "upheld, and nothing revised", """
        update assessments.appeals set answered_at = lodged_at, outcome = 'upheld', motivation = 'Vu',
            answered_by = '{reviewer}' where id = '{appeal}'"""),
    ("certificates", "a new test that nobody gave", """
        update assessments.appeals set answered_at = lodged_at, outcome = 'new_test', motivation = 'Vu',
            answered_by = '{reviewer}' where id = '{appeal}'"""),
    ("deliberations", "told too early", """
        update assessments.schemes set release_together = true where code = 'validation';
        update assessments.decisions set released_at = '{early}' where id = '{fail_decision}'"""),
    ("ratings", "corrected after the deliberation", """
        update assessments.entries set kind = 'correction', digest = 'x', motive = 'Relu',
            received_at = received_at + interval '1 day' where assessor_id = '{passed.observer}' and indicator = 'K1'"""),
    ("contracts", "judged without one", """
        alter table scheduling.bookings drop constraint contract_unsigned;
        update scheduling.bookings set contract_signed_at = null where id = '{passed.booking}'"""),
    ("ties", "a tie that came before the deliberation", """
        insert into assessments.links (assessor_id, candidate_id, kind, declared_at)
        select '{failed.observer}', '{failed.candidate}', 'professional', deliberated_at - interval '1 minute'
        from assessments.deliberations where booking_id = '{failed.booking}'"""),
    ("erasures", "the words of a complaint", """
        update assessments.candidates set erased_at = registered_at, given_name = '–', family_name = left(id::text, 8),
            phone = null, municipality = null, email = id || '@erased.invalid', birth_date = date_trunc('year', birth_date)
        where id = '{passed.candidate}';
        insert into assessments.complaints (candidate_id, centre_id, about, complaint, lodged_at, take_up_by, due_on)
        values ('{passed.candidate}', '{passed.centre}', 'facility', 'Trop froid', '{early}', '2026-09-08', '2026-09-29')"""),
    ("public codes", "a short one", """
        alter table certificates.register drop constraint register_public_code_check;
        update certificates.register set public_code = 'PRV-0001'"""),
    ("public codes", "a public page that reads names", """
        do $$ begin execute format('create or replace view scheduling.calendar as
            select v.*, c.family_name from (%s) v left join assessments.candidates c on false',
            rtrim(pg_get_viewdef('scheduling.calendar'), ';')); end $$"""),
    ("occupied spots", "attended and released", """
        alter table scheduling.bookings drop constraint bookings_check1;
        update scheduling.bookings set released_at = attended_at, release = 'no_show' where id = '{failed.booking}';
        update scheduling.sessions set taken = 0 where id = '{failed.session}'"""),
    ("occupied spots", "attended what was not held", """
        update scheduling.bookings set checked_in_at = booked_at, contract_signed_at = booked_at, attended_at = booked_at
        where id = '{coming_booking}'"""),
    ("times", "a column without a zone", "alter table service.milestones alter reached_at type timestamp"),
    ("times", "outside the hours of the room", """
        update scheduling.opening_hours set opens = '09:30' where room_id = (
            select room_id from scheduling.sessions where id = '{coming}')"""),
    ("erasures", "a name left", """
        update assessments.candidates set erased_at = registered_at where id = '{failed.candidate}'"""),
    ("erasures", "an assessor’s declaration left", """
        insert into assessments.undertakings (assessor_id, kind, valid, statement, recorded_at)
        values ('{passed.evaluator}', 'interest', '[2020-01-01,2020-02-01)', 'Bati SA', now());
        update assessments.assessors set retired_at = registered_at, erased_at = registered_at, given_name = '–',
            family_name = left(id::text, 8), employer = null, email = id || '@erased.invalid'
        where id = '{passed.evaluator}'"""),
    ("seats taken", "one too many", "update scheduling.sessions set taken = 2 where id = '{coming}'"),
    ("copies", "a booking left behind", """
        update scheduling.bookings set test_time = tstzrange(lower(test_time) - interval '1 hour', upper(test_time))
        where id = '{coming_booking}'"""),
    ("copies", "a jury seat left behind", """
        update scheduling.jury_seats set during = tstzrange(lower(during) - interval '1 hour', upper(during))
        where session_id = '{coming}'"""),
    ("deciders", "who examined",
     "update assessments.decisions set taken_by = '{failed.evaluator}' where id = '{fail_decision}'"),
    ("deciders", "against the jury", """
        update assessments.decisions set outcome = 'pass', superseded_at = released_at where id = '{fail_decision}'"""),
    ("outbox", "undone for ten minutes", """
        update service.outbox set done_at = null, occurred_at = '{early}' where topic = 'session.opened'"""),
    ("outbox", "given up", """
        update service.outbox set done_at = null, dead_at = '{now}' where topic = 'session.opened'"""),
    ("free seats", "a free seat and somebody who waits for it", """
        update scheduling.sessions set seats = seats + 1 where id = '{coming}';
        insert into scheduling.waiting (candidate_id, unit_id, languages, earliest, mornings, afternoons, joined_at)
        select '{failed.candidate}', unit_id, '{{fr,nl,en,de}}', '2020-01-01', '{{1,2,3,4,5,6,7}}', '{{1,2,3,4,5,6,7}}',
               '{early}' from scheduling.sessions where id = '{coming}'"""),
    ("outages", "a test that counts on a broken saw", """
        with saw as (
            insert into scheduling.equipment (centre_id, kind, name)
            select centre_id, 'wet-saw', 'Scie' from scheduling.sessions where id = '{coming}' returning id),
        held as (
            insert into scheduling.equipment_reservations (session_id, equipment_id, during)
            select s.id, saw.id, s.occupied from saw, scheduling.sessions s where s.id = '{coming}')
        insert into scheduling.outages (equipment_id, during, reason, entered_at)
        select saw.id, s.occupied, 'Panne', lower(s.test_time) - interval '1 day'
        from saw, scheduling.sessions s where s.id = '{coming}'"""),
    ("enrolments", "withdrawn beside a place", """
        insert into assessments.enrolments (candidate_id, unit_id, enrolled_at, withdrawn_at)
        select candidate_id, unit_id, booked_at, booked_at from scheduling.bookings where id = '{coming_booking}'"""),
    ("enrolments", "withdrawn, and still waiting", """
        with gone as (
            insert into assessments.enrolments (candidate_id, unit_id, enrolled_at, withdrawn_at)
            select '{failed.candidate}', unit_id, '{early}', '{early}' from scheduling.sessions where id = '{coming}'
            returning candidate_id, unit_id)
        insert into scheduling.waiting (candidate_id, unit_id, languages, earliest, mornings, afternoons, joined_at)
        select candidate_id, unit_id, '{{de}}', '2020-01-01', '{{1}}', '{{1}}', '{early}' from gone"""),
    ("screenings", "a profile of a validation", """
        insert into assessments.profiles (booking_id, recording_id, scores, released_at)
        select booking_id, id, '[]', submitted_at from assessments.recordings
        where booking_id = '{failed.booking}' and role = 'evaluator'"""),
    ("screenings", "a certificate where the scheme issues none", """
        update assessments.schemes set issues_certificate = false"""),
    ("holds", "neither confirmed nor free", """
        update scheduling.bookings set held_until = '{early}', confirmed_at = null where id = '{coming_booking}'"""),
    ("holds", "confirmed too late", """
        update scheduling.bookings set held_until = confirmed_at - interval '1 second' where id = '{coming_booking}'"""),
    ("standards", "two versions in force", """
        drop index assessments.standards_in_force_idx;
        insert into assessments.standards (unit_id, version, duration_minutes, setup_minutes, teardown_minutes,
            candidates_per_evaluator, room_kind, languages, grid, published_at)
        select unit_id, 99, duration_minutes, setup_minutes, teardown_minutes, candidates_per_evaluator, room_kind, languages,
               grid, published_at from assessments.standards where published_at is not null limit 1"""),
    ("standards", "one in force that cannot be marked", """
        insert into assessments.standards (unit_id, version, duration_minutes, setup_minutes, teardown_minutes,
            candidates_per_evaluator, room_kind, languages, grid, published_at, retired_at)
        select unit_id, 99, duration_minutes, setup_minutes, teardown_minutes, candidates_per_evaluator, room_kind, languages,
               '{{"criteria": []}}', published_at, published_at
        from assessments.standards where published_at is not null limit 1"""),
    ("standards", "a session with a draft",
     "update assessments.standards set published_at = null where id = (select standard_id from scheduling.sessions limit 1)"),
    ("undertakings", "nobody declared their interests", "update assessments.schemes set interest_declared = true"),
    ("places written", "a room with another name", "update scheduling.rooms set name = name || '!'"),
    ("places written", "a site with another street", "update scheduling.sites set street = 'Rue Neuve 1'"),
    ("places written", "a trade with another label", """
        update assessments.trades set label = label || '{{"en": "Other"}}'"""),
    ("places written", "a unit that was forgotten", "delete from scheduling.units_written"),
]  # fmt: skip
