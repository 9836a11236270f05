-- Rows for the tables that the seeded year leaves empty, about the two candidates with the first certificates.
create temporary table somebody as
    select distinct k.candidate_id as id, a.id as account from certificates.register k
    left join service.accounts a on a.candidate_id = k.candidate_id order by a.id nulls last, k.candidate_id limit 2;

with added as (
    insert into service.accounts (email, role, candidate_id, language, created_at)
    select 'somebody' || row_number() over () || '@example.org', 'candidate', id, 'fr', now() from somebody
    where account is null returning id, candidate_id)
update somebody s set account = added.id from added where added.candidate_id = s.id;

insert into assessments.national_numbers
    select id, substr(sha256('a') || sha256('b'), 1, 39), 'key', sha256(id::text::bytea), now() from somebody;
with given as (
    insert into assessments.consents (candidate_id, scope, recipient_kind, recipient_name, purpose, given_at, expires_at)
    select id, 'result', 'employer', 'Bouwbedrijf', 'hiring', now(), now() + interval '1 year' from somebody returning id),
shared as (
    insert into service.share_links (consent_id, token_hash, created_at)
    select id, sha256(id::text::bytea), now() from given returning id)
insert into service.share_views (link_id, seen_at) select id, now() from shared;
insert into service.exports (candidate_id, language, asked_at) select id, 'fr', now() from somebody;
insert into service.exports (assessor_id, language, asked_at) select id, 'fr', now() from assessments.assessors;
insert into service.erasures (candidate_id, asked_at) select id, now() from somebody;
insert into service.rectifications (candidate_id, birth_date, asked_at) select id, '1990-05-18', now() from somebody;
insert into service.sign_in_links
    select gen_random_uuid(), sha256(id::text::bytea), account, sha256('a'), sha256('o'), now(), now() from somebody;
insert into service.logins (secret_hash, account_id, signed_in_at, seen_at, expires_at)
    select sha256(id::text::bytea), account, now(), now(), now() from somebody;
insert into service.tokens (secret_hash, account_id, name, scopes, created_at, expires_at)
    select sha256(id::text::bytea), account, 'script', '{read}', now(), now() + interval '1 day' from somebody;
insert into service.ceremonies (id, kind, answer_hash, account_id, began_at, expires_at)
    select gen_random_uuid(), 'passkey', sha256(id::text::bytea), account, now(), now() from somebody;
insert into service.provider_subjects (issuer, subject, account_id, linked_at)
    select 'https://id.example.org', id::text, account, now() from somebody;
insert into service.passkeys (account_id, credential_id, public_key, sign_count, name, added_at)
    select account, sha256(id::text::bytea), 'key', 0, 'phone', now() from somebody;
insert into service.passwords select account, '$argon2id$x', now() from somebody;
insert into service.idempotency (account_id, key, request, first_at) select account, 'key', 'request', now() from somebody;
insert into scheduling.feeds (kind, owner_id, token_hash, language, created_at, created_by)
    select 'candidate', id, sha256(id::text::bytea), 'fr', now(), account from somebody;
insert into service.audit_seals values (1, '{1}', sha256('l'), sha256('p'), sha256('r'), '3', now(), sha256('s') || sha256('s'));
insert into service.retention (day, began_at) values (current_date, now());
insert into scheduling.closures (centre_id, during, reason)
    select id, tstzrange(now() + interval '900 days', now() + interval '901 days'), 'works' from scheduling.centres;
insert into scheduling.outages (equipment_id, during, reason, entered_at)
    select id, tstzrange(now() + interval '900 days', null), 'broken', now() from scheduling.equipment;
with opened as (
    insert into scheduling.openings (session_id, announced_at, draws_at, seed_hash)
    select id, now(), now() + interval '1 day', sha256('seed') from scheduling.sessions
    where opened_at is not null and locked_at is null and cancelled_at is null limit 1 returning id)
insert into scheduling.asks (opening_id, candidate_id, asked_at) select opened.id, somebody.id, now() from opened, somebody;
insert into assessments.entries (id, booking_id, assessor_id, role, kind, said, at, received_at)
    select gen_random_uuid(), r.booking_id, r.assessor_id, r.role, 'note', '{"text": "note"}', now(), now()
    from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id join somebody on somebody.id = b.candidate_id;
insert into assessments.photos (id, booking_id, assessor_id, sha256, received_at)
    select gen_random_uuid(), r.booking_id, r.assessor_id, encode(sha256('p'), 'hex'), now()
    from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id join somebody on somebody.id = b.candidate_id;
insert into assessments.pictures values (encode(sha256('p'), 'hex'), 'picture', 1, 1, now());
with kept as (
    insert into assessments.documents (sha256, name, media_type, content, received_at)
    select encode(sha256(id::text::bytea), 'hex'), id::text, 'application/pdf', '%PDF-', now() from assessments.assessors
    returning id, name)
insert into assessments.undertakings (assessor_id, kind, valid, document_id, recorded_at)
    select kept.name::uuid, 'interest', daterange('2020-01-01', '2021-01-01'), kept.id, now() from kept;
insert into service.lapse_notices select id, '2020-01-06', now() from scheduling.centres;

-- Without the guards, which refuse before row security does: it is to hold by itself.
do $$ declare t record; begin
    for t in select tgrelid::regclass as guarded, tgname from pg_trigger where tgname ~ '^(guard|seal|keep)' and not tgisinternal loop
        execute format('alter table %s disable trigger %I', t.guarded, t.tgname);
    end loop;
end $$;

insert into scheduling.waiting (candidate_id, unit_id, languages, earliest, mornings, afternoons, joined_at)
    select s.id, u.id, '{fr}', current_date, '{1}', '{2}', now() from somebody s,
           (select id from assessments.units order by code limit 1) u;
with wished as (
    insert into scheduling.alerts (candidate_id, query, units, accessible, created_at, expires_at)
    select s.id, 'what=MACO', array[u.id], false, now(), now() + interval '9 days' from somebody s,
           (select id from assessments.units order by code limit 1) u returning id)
insert into scheduling.alert_notices (alert_id, session_id, seen_at)
    select wished.id, s.id, now() from wished, (select id from scheduling.sessions limit 1) s;
insert into service.text_wishes select id, now(), account from somebody;
insert into service.texts (outbox_id, candidate_id, number, body, segments, written_at)
    select 0, id, '+32470000000', 'Hello', 1, now() from somebody;
insert into service.mail_attachments select m.id, 'paper.pdf', 'application/pdf', 'x' from service.mails m limit 1;

-- Of each centre's first booking, and of the two people's: what may follow a booking.
create temporary table several as
    select distinct on (s.centre_id) b.*, s.centre_id from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
    where b.released_at is null order by s.centre_id, b.booked_at, b.id;
insert into several select distinct on (b.candidate_id) b.*, s.centre_id from scheduling.bookings b
    join scheduling.sessions s on s.id = b.session_id join somebody on somebody.id = b.candidate_id
    where b.released_at is null and b.id not in (select id from several) order by b.candidate_id, b.booked_at;
insert into scheduling.excuses (booking_id, reason, asked_at) select id, 'ill', now() from several;
insert into scheduling.confirmations (booking_id, starts_at, attending_confirmed_at)
    select id, lower(during), now() from several;
insert into service.reminders (booking_id, days_before, test_day, reminded_at, asks)
    select id, 7, service.day(lower(during)), now(), true from several;
insert into scheduling.turnings_away select id, 'equipment', now() from several;
insert into scheduling.priorities select id, candidate_id, unit_id, 'turned_away', now() from several;
insert into scheduling.rebookings (booking_id, instead_of, cause, rebooked_at)
    select id, id2, 'split', now() from (
        select s.id, (select o.id from scheduling.bookings o where o.session_id = s.session_id and o.id <> s.id limit 1) as id2
        from several s) x where id2 is not null on conflict do nothing;

-- And of each centre's first session, with somebody of its jury.
create temporary table held as
    select distinct on (s.centre_id) s.*, j.assessor_id, j.id as seat_id, j.role as seat_role, r.site_id
    from scheduling.sessions s join scheduling.jury_seats j on j.session_id = s.id and j.role = 'evaluator'
    join scheduling.rooms r on r.id = s.room_id order by s.centre_id, s.planned_at, s.id;
insert into scheduling.series (centre_id, room_id, unit_id, language, seats, rule, first_day, at, planned_at)
    select centre_id, room_id, unit_id, language, seats, 'FREQ=WEEKLY', current_date, '09:00', now() from held;
insert into scheduling.repairs (centre_id, trouble, subject_id, during, reason, found, proposed_at)
    select centre_id, 'room', room_id, test_time, 'leak', '[]', now() from held;
insert into scheduling.invitations (session_id, assessor_id, role, seat_id, invited_at, answer_by)
    select id, assessor_id, seat_role, seat_id, now(), now() + interval '1 day' from held;
insert into scheduling.companions (session_id, booking_id, assessor_id, measure, during, given_at, released_at)
    select b.session_id, b.id, h.assessor_id, 'reader', s.occupied, now(), now()
    from several b join scheduling.sessions s on s.id = b.session_id join held h on h.centre_id = b.centre_id;
insert into scheduling.availability_exceptions (assessor_id, during, can_come, said_at)
    select assessor_id, tstzrange(now(), now() + interval '1 hour'), false, now() from held;
insert into scheduling.busy_times (assessor_id, during, imported_at)
    select assessor_id, tstzrange(now(), now() + interval '1 hour'), now() from held;
insert into scheduling.assessor_limits (assessor_id, sessions_per_day, changed_at)
    select distinct assessor_id, 1, now() from held;
insert into scheduling.travel_times select a.id, b.id, 20 from scheduling.sites a join scheduling.sites b on a.id < b.id
    on conflict do nothing;
insert into assessments.complaints (candidate_id, centre_id, booking_id, about, complaint, lodged_at, take_up_by, due_on)
    select candidate_id, centre_id, id, 'facility', 'cold', now(), current_date, current_date from several;

-- An appeal of the year with a meeting about it; and tests that do not count, as bare rows.
insert into assessments.mediations (appeal_id, led_by, meets_at, minutes, place, planned_at, changed_at)
    select w.appeal_id, w.assessor_id, now(), 60, 'here', now(), now() from assessments.appeal_reviewers w;
set session_replication_role = replica;
insert into assessments.new_tests (booking_id, cause, granted_at) select id, 'conflict', now() from several;
set session_replication_role = origin;

insert into service.bundles (year, centre_id, with_names, language, asked_at, asked_by)
    select 2023, s.centre_id, false, 'fr', now(), s.id from service.accounts s where s.role in ('manager', 'auditor');
insert into assessments.recognitions (booking_id, proposal, result, competences, decided_by, decided_at)
    select distinct on (b.id) b.id, 'competences', 'competences', '{1}', r.assessor_id, now()
    from scheduling.bookings b join somebody on somebody.id = b.candidate_id
    join assessments.recordings r on r.booking_id = b.id;
insert into assessments.fees (booking_id, amount_cents, settled_as, settled_at)
    select b.id, 12000, 'paid', now() from scheduling.bookings b join somebody on somebody.id = b.candidate_id;
with given as (
    insert into service.imports (kind, centre_id, name, digest, asked_at, asked_by, asked_as)
    select 'candidates', centre_id, 'list.csv', sha256(centre_id::text::bytea), now(), gen_random_uuid(), 'manager' from held
    returning id)
insert into service.import_lines (import_id, number, cells, candidate_id)
    select given.id, row_number() over (), '{}', somebody.id from given, somebody;
insert into service.external_references (kind, centre_id, reference, subject_id, recorded_at)
    select 'rooms', centre_id, 'R1', room_id, now() from held;
insert into scheduling.busy_calendars (assessor_id, url, asked_at, due_at)
    select distinct assessor_id, 'https://calendar.example.org/mine.ics', now(), now() from held;
