-- Every violation of every rule. `since`: it counts from that moment on, for rules that give time.
create view service.violations (rule, subject, detail, since) as
select 'overlaps', v.* from service.violations_01_overlaps v
union all select 'overbooking', v.* from service.violations_02_overbooking v
union all select 'accreditations', v.* from service.violations_03_accreditations v
union all select 'juries', v.* from service.violations_04_juries v
union all select 'observers', v.* from service.violations_05_observers v
union all select 'ties', v.* from service.violations_06_ties v
union all select 'guidance', v.* from service.violations_07_guidance v
union all select 'ages', v.* from service.violations_08_ages v
union all select 'live bookings', v.* from service.violations_09_live_bookings v
union all select 'contracts', v.* from service.violations_10_contracts v
union all select 'ratings', v.* from service.violations_11_ratings v
union all select 'deliberations', v.* from service.violations_12_deliberations v
union all select 'certificates', v.* from service.violations_13_certificates v
union all select 'reviewers', v.* from service.violations_14_reviewers v
union all select 'public codes', v.* from service.violations_15_public_codes v
union all select 'occupied spots', v.* from service.violations_16_occupied_spots v
union all select 'times', v.* from service.violations_17_times v
union all select 'erasures', v.* from service.violations_18_erasures v
union all select 'seats taken', v.* from service.violations_seats_taken v
union all select 'copies', v.* from service.violations_copies v
union all select 'deciders', v.* from service.violations_deciders v
union all select 'serials', v.* from service.violations_serials v
union all select 'outbox', v.* from service.violations_outbox v
union all select 'holds', v.* from service.violations_holds v
union all select 'free seats', v.* from service.violations_free_seats v
union all select 'standards', v.* from service.violations_standards v
union all select 'undertakings', v.* from service.violations_undertakings v
union all select 'screenings', v.* from service.violations_screenings v
union all select 'places written', v.* from service.violations_places_written v
union all select 'outages', v.* from service.violations_outages v
union all select 'enrolments', v.* from service.violations_enrolments v;

-- What is audited: the rules in the order of domain.md, those without a number after them, each with the number of rows
-- it was held against, so that a rule that looked at nothing is told from one that found nothing.
create view service.audited (position, invariant, rule, sentence, looked_at) as
select 1, 1, 'overlaps', 'No two live sessions share a room, a piece of equipment or a person at one time',
       (select count(*) from scheduling.sessions where cancelled_at is null)
       + (select count(*) from scheduling.equipment_reservations where released_at is null)
       + (select count(*) from scheduling.jury_seats where released_at is null and role <> 'manager')
       + (select count(*) from scheduling.bookings where released_at is null)
union all select 2, 2, 'overbooking', 'Seats are within the room, the evaluators and the equipment; nobody is overbooked',
       (select count(*) from scheduling.sessions where opened_at is not null and cancelled_at is null)
union all select 3, 3, 'accreditations', 'A validation session has its accreditation on all its days',
       (select count(*) from scheduling.sessions where opened_at is not null and cancelled_at is null)
union all select 4, 4, 'juries', 'Juries are complete, distinct, qualified, and speak the language of the session',
       (select count(*) from scheduling.jury_seats where released_at is null)
union all select 5, 5, 'observers', 'The observer is external to the centre',
       (select count(*) from scheduling.jury_seats where released_at is null and role = 'observer')
union all select 6, 6, 'ties', 'Nobody judges kin, colleagues or themselves; a teacher evaluates only',
       (select count(*) from assessments.links)
union all select 7, 7, 'guidance', 'After two failures a unit is booked with guidance only',
       (select count(*) from assessments.decisions where outcome = 'fail' and released_at is not null)
union all select 8, 8, 'ages', 'Candidates are of age on the test date',
       (select count(*) from scheduling.bookings where released_at is null)
union all select 9, 9, 'live bookings', 'One live booking per candidate and unit, none while its Titre stands',
       (select count(*) from scheduling.bookings where released_at is null)
union all select 10, 10, 'contracts', 'Nobody was in a session that started without a signed contract',
       (select count(*) from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
        where s.started_at is not null and b.released_at is null)
union all select 11, 11, 'ratings', 'Grids are rated in full, and proposals are what the ratings give',
       (select count(*) from assessments.ratings)
union all select 12, 12, 'deliberations', 'Juries deliberate on submitted grids, by three votes, and motivate departures',
       (select count(*) from assessments.deliberations)
union all select 13, 13, 'certificates', 'A certificate exists exactly where a pass decision stands',
       (select count(*) from assessments.decisions where outcome = 'pass' and released_at is not null)
       + (select count(*) from certificates.register)
union all select 14, 13, 'serials', 'Serials run without a gap in each year',
       (select count(*) from certificates.register)
union all select 15, 14, 'reviewers', 'Who reviews an appeal was not on the jury and did not decide',
       (select count(*) from assessments.appeal_reviewers)
union all select 16, 15, 'public codes', 'Public codes cannot be guessed, and public pages name nobody',
       (select count(*) from certificates.register)
union all select 17, 16, 'occupied spots', 'Occupied spots are attended seats of held sessions, and add up',
       (select count(*) from scheduling.bookings where attended_at is not null)
union all select 18, 17, 'times', 'Times keep their zone, and coming sessions the hours of Brussels',
       (select count(*) from scheduling.sessions where cancelled_at is null and started_at is null)
union all select 19, 18, 'erasures', 'Of who was erased nothing personal is left',
       (select count(*) from assessments.candidates where erased_at is not null)
       + (select count(*) from assessments.assessors where erased_at is not null)
union all select 20, null, 'seats taken', 'The counter of each session is the number of its live bookings',
       (select count(*) from scheduling.sessions)
union all select 21, null, 'copies', 'Bookings, jury seats and reservations carry the times of their session',
       (select count(*) from scheduling.bookings) + (select count(*) from scheduling.jury_seats)
       + (select count(*) from scheduling.equipment_reservations)
union all select 22, null, 'deciders', 'Who decides did not examine and has no tie with the candidate',
       (select count(*) from assessments.decisions)
union all select 23, null, 'outbox', 'What happened has had its consequences within ten minutes',
       (select count(*) from service.outbox)
union all select 24, null, 'holds', 'A seat that was held is confirmed in its time, or free again',
       (select count(*) from scheduling.bookings)
union all select 25, null, 'free seats', 'No feasible seat is free while somebody willing waits for it',
       (select count(*) from scheduling.sessions where opened_at is not null)
       + (select count(*) from scheduling.waiting where left_at is null)
union all select 26, null, 'standards', 'One version of a standard is in force, can be marked, and no session has a draft',
       (select count(*) from assessments.standards) + (select count(*) from scheduling.sessions)
union all select 27, null, 'undertakings', 'Juries have signed what their scheme asks for on the day of the test',
       (select count(*) from scheduling.jury_seats where released_at is null)
union all select 28, null, 'screenings', 'A screening ends with a profile: no jury, no decision, no certificate',
       (select count(*) from assessments.profiles) + (select count(*) from certificates.register)
union all select 29, null, 'places written', 'Lists of places show units and rooms as they are',
       (select count(*) from assessments.units) + (select count(*) from scheduling.rooms)
union all select 30, null, 'outages', 'No test to come counts on equipment that is out of order',
       (select count(*) from scheduling.outages where back_at is null)
union all select 31, null, 'enrolments', 'Who withdrew from a unit has no place for it and waits for none',
       (select count(*) from scheduling.bookings where released_at is null);
