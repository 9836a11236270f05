-- The rules of a booking in one question for all that are written together.
--
-- A booking's rules were a list of values for each row, compiled anew for each, with a function's call for every rule that asks
-- other tables: half of what a booking cost the database. Now they are one expression, and what it asks of other tables are
-- functions that return rows: those the planner puts into their caller (migrations/README.md). The rules are the same.

-- Released failures that count: neither superseded by another decision nor annulled for a new test.
create function assessments.failures_of(a_candidate uuid, a_unit uuid) returns setof assessments.decisions
language sql stable begin atomic
    select d.* from assessments.decisions d
    where d.candidate_id = a_candidate and d.unit_id = a_unit and d.outcome = 'fail'
      and d.released_at is not null and d.superseded_at is null
      and not exists (select from assessments.new_tests n where n.booking_id = d.booking_id);
end;
create function assessments.unguided_failures(a_candidate uuid, a_unit uuid) returns setof assessments.decisions
language sql stable begin atomic
    select f.* from assessments.failures_of(a_candidate, a_unit) f
    where f.released_at > coalesce((select e.guided_at from assessments.enrolments e
                                    where e.candidate_id = a_candidate and e.unit_id = a_unit), '-infinity');
end;
create function assessments.conflicts(an_assessor uuid, a_candidate uuid, a_role text) returns setof assessments.links
language sql stable begin atomic
    select l.* from assessments.links l
    where l.candidate_id = a_candidate and l.assessor_id = an_assessor and l.ended_at is null
      and (l.kind <> 'teaching' or a_role <> 'evaluator');
end;
create function assessments.granted_measures(a_candidate uuid) returns setof assessments.accommodations
language sql stable begin atomic
    select a.* from assessments.accommodations a where a.candidate_id = a_candidate and a.granted_at is not null;
end;
create function scheduling.bookings_beside(a_candidate uuid, a_session uuid) returns setof scheduling.bookings
language sql stable begin atomic
    select b.* from scheduling.bookings b
    where b.candidate_id = any (array[a_candidate]) and b.session_id is distinct from a_session and b.released_at is null
      and b.attended_at is null and b.closed_at is null;
end;

-- The same for who asks of one at a time.
create or replace function assessments.failures_since_guidance(a_candidate uuid, a_unit uuid) returns int
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return (select count(*)::int from assessments.unguided_failures(a_candidate, a_unit));
end $$;
create or replace function assessments.conflict(an_assessor uuid, a_candidate uuid, a_role text) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from assessments.conflicts(an_assessor, a_candidate, a_role));
end $$;
create or replace function assessments.needs_ground_floor(a_candidate uuid) returns boolean language plpgsql stable as $$ begin
    return exists (select from assessments.granted_measures(a_candidate) m where m.measure = 'ground_floor');
end $$;
create or replace function scheduling.places_beside(a_candidate uuid, a_session uuid) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return (select count(*) from scheduling.bookings_beside(a_candidate, a_session));
end $$;

-- Each rule in its place: its name where this booking breaks it. `places`: see scheduling.places_beside. No row: one of the two
-- is not there.
create function scheduling.rules_broken(a_candidate uuid, a_session uuid, places bigint) returns setof text[]
language sql stable begin atomic
    select array[
        case when c.birth_date + make_interval(years => sc.minimum_age) > service.day(lower(s.test_time))
             then 'candidate_too_young' end,
        case when exists (
                 select from certificates.register k
                 where k.candidate_id = c.id and k.unit_id = u.id and k.withdrawn_at is null and certificates.is_whole(k))
             then 'titre_already_held' end,
        case when sc.failures_before_guidance > 0
                  and (select count(*) from assessments.unguided_failures(c.id, u.id)) >= sc.failures_before_guidance
             then 'guidance_required' end,
        case when sc.retake_wait_days > 0
                  and service.day(lower(s.test_time)) <= assessments.retake_from(c.id, u.id, sc.retake_wait_days)
             then 'retake_too_soon' end,
        case when exists (
                 select from scheduling.jury_seats j where j.session_id = s.id and j.released_at is null
                   and (j.assessor_id = c.id or exists (select from assessments.conflicts(j.assessor_id, c.id, j.role))))
             then 'assessor_knows_candidate' end,
        case when places >= (select f.most_bookings from scheduling.fair_use f)
             then 'too_many_bookings' end,
        case when exists (select from assessments.granted_measures(c.id) m where m.measure = 'ground_floor')
                  and exists (select from scheduling.rooms m where m.id = s.room_id and not m.accessible)
             then 'room_not_accessible' end]
    from scheduling.sessions s
    join assessments.units u on u.id = s.unit_id
    join assessments.trades t on t.id = u.trade_id
    join assessments.schemes sc on sc.code = t.scheme
    join assessments.candidates c on c.id = a_candidate
    where s.id = a_session;
end;

create or replace function scheduling.booking_conditions(a_candidate uuid, a_session uuid) returns setof text
language sql stable begin atomic
    select k.rule
    from scheduling.rules_broken(a_candidate, a_session, scheduling.places_beside(a_candidate, a_session)) r (rules)
    cross join lateral unnest(r.rules) with ordinality k (rule, position)
    where k.rule is not null order by k.position;
end;

-- As in 0080_ledger_in_sets.sql and 0108_withdrawals.sql, in one question for all. Who is an assessor, too, and who was granted
-- a measure is asked the rest. (`offset 0`: what stands inside is asked first, and once; `any (array[…])`: one by one, by the
-- index. A plan that was made while a table was small would go on reading all of it.)
create or replace function scheduling.guard_bookings() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    broken    text;
    erased    boolean;
    assessing boolean;
    measured  boolean;
begin
    perform pg_advisory_xact_lock(16, o.person)
        from (select hashtext(f.candidate_id::text) as person from fresh f order by 1) o;
    select bool_or(o.erased) into erased
        from (select c.erased_at is not null as erased from assessments.candidates c
              where c.id in (select f.candidate_id from fresh f) order by c.id for key share) o;
    select coalesce(min(o.rule), case when erased then 'candidate_erased' end), bool_or(o.assessing), bool_or(o.measured)
        into broken, assessing, measured
        from (select coalesce((array_remove(r.rules, null))[1], case when f.withdrawn then 'enrolment_withdrawn' end) as rule,
                     f.assessing, f.measured
              from (select n.candidate_id, n.session_id,
                           (select count(*) from scheduling.bookings_beside(n.candidate_id, n.session_id)) as places,
                           exists (select from assessments.enrolments e where e.candidate_id = n.candidate_id
                                     and e.unit_id = n.unit_id and e.withdrawn_at is not null) as withdrawn,
                           exists (select from assessments.assessors a where a.id = any (array[n.candidate_id])) as assessing,
                           exists (select from assessments.granted_measures(n.candidate_id)) as measured
                    from fresh n offset 0) f
              cross join lateral scheduling.rules_broken(f.candidate_id, f.session_id, f.places) r (rules) offset 0) o;
    if broken is not null then
        perform service.refuse(broken);
    end if;
    if assessing then
        perform from (select f.candidate_id, f.during from fresh f join assessments.assessors a on a.id = f.candidate_id
                      order by f.candidate_id offset 0) o
            where scheduling.assists_elsewhere(o.candidate_id, o.during);
        if found then
            perform service.refuse('candidate_busy');
        end if;
    end if;
    if measured and exists (select from fresh f
                            where f.extra_minutes < scheduling.extra_minutes(f.candidate_id, f.test_time)) then
        -- Asked again, the same booking with the right time may well succeed.
        raise exception 'a measure was granted meanwhile' using errcode = 'serialization_failure';
    end if;
    return null;
end $$;

-- The trail of what is added in sets, in the words of service.record_change, which keeps changes and removals, written out for
-- the two tables that every booking adds to (tests/service/test_additions.py holds the two against each other): of a key, a
-- moment or a person what it was set to, of others that they were set. The actor is that of the unit of work, or of each
-- candidate where one is several candidates'. Each row's salt follows from a seed of the statement that is kept nowhere, and from
-- its subject: to ask the kernel for sixteen bytes a row cost more than to write it.
create function service.set_to(given anyelement) returns jsonb language sql stable as $$
    select case when given is not null then jsonb_build_array(null, given) end
$$;
create function scheduling.record_new_bookings() returns trigger language plpgsql as $$
declare
    actor  uuid := nullif(current_setting('preuve.actor', true), '');
    actors jsonb := nullif(current_setting('preuve.actors', true), '');
    role   text := nullif(current_setting('preuve.role', true), '');
    seed   bytea := uuid_send(gen_random_uuid());
begin
    insert into service.audit (actor, role, action, centre_id, subject, subject_id, candidate_id, salt, changes)
    select coalesce(actor, (actors ->> f.candidate_id::text)::uuid), role, 'booking.added', s.centre_id, 'scheduling.bookings',
           f.id, f.candidate_id, substr(sha256(seed || uuid_send(f.id)), 1, 16),
           jsonb_strip_nulls(jsonb_build_object(
               'session_id', service.set_to(f.session_id), 'unit_id', service.set_to(f.unit_id),
               'candidate_id', service.set_to(f.candidate_id), 'test_time', service.set_to(f.test_time), 'during', '[]'::jsonb,
               'booked_at', service.set_to(f.booked_at), 'booked_by', service.set_to(f.booked_by),
               'confirmed_at', service.set_to(f.confirmed_at), 'waiting_id', service.set_to(f.waiting_id),
               'held_until', case when f.held_until is not null then '[]'::jsonb end))
           || case when num_nonnulls(f.convoked_at, f.checked_in_at, f.checked_in_by, f.contract_signed_at, f.attended_at,
                                     f.closed_at, f.released_at, f.released_by, f.release) = 0 then '{}'
              else jsonb_strip_nulls(jsonb_build_object(
                  'convoked_at', service.set_to(f.convoked_at), 'checked_in_at', service.set_to(f.checked_in_at),
                  'checked_in_by', service.set_to(f.checked_in_by),
                  'contract_signed_at', service.set_to(f.contract_signed_at), 'attended_at', service.set_to(f.attended_at),
                  'closed_at', service.set_to(f.closed_at), 'released_at', service.set_to(f.released_at),
                  'released_by', service.set_to(f.released_by), 'release', service.set_to(f.release))) end
    from fresh f left join scheduling.sessions s on s.id = f.session_id;
    return null;
end $$;
create function assessments.record_new_enrolments() returns trigger language plpgsql as $$
declare
    actor  uuid := nullif(current_setting('preuve.actor', true), '');
    actors jsonb := nullif(current_setting('preuve.actors', true), '');
    role   text := nullif(current_setting('preuve.role', true), '');
    seed   bytea := uuid_send(gen_random_uuid());
begin
    insert into service.audit (actor, role, action, subject, subject_id, candidate_id, salt, changes)
    select coalesce(actor, (actors ->> f.candidate_id::text)::uuid), role, 'enrolment.added', 'assessments.enrolments',
           f.id, f.candidate_id, substr(sha256(seed || uuid_send(f.id)), 1, 16),
           jsonb_strip_nulls(jsonb_build_object(
               'candidate_id', service.set_to(f.candidate_id), 'unit_id', service.set_to(f.unit_id),
               'enrolled_at', service.set_to(f.enrolled_at), 'guided_at', service.set_to(f.guided_at),
               'guided_by', service.set_to(f.guided_by), 'withdrawn_at', service.set_to(f.withdrawn_at),
               'advice', case when f.advice is not null then '[]'::jsonb end))
    from fresh f;
    return null;
end $$;
drop trigger audit_new on scheduling.bookings;
create trigger audit_new after insert on scheduling.bookings
    referencing new table as fresh for each statement execute function scheduling.record_new_bookings();
drop trigger audit_new on assessments.enrolments;
create trigger audit_new after insert on assessments.enrolments
    referencing new table as fresh for each statement execute function assessments.record_new_enrolments();
drop function service.record_additions;

-- As in 0112_orders_by_login.sql. Replays are written when it is known that there are any; that one is gone by then is no answer.
create or replace function service.order_seats_together(
    accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[], bookings uuid[], statuses int[],
    bodies bytea[], moments timestamptz[], holds timestamptz[], most_held int[], logins bytea[], seen_within interval)
returns table (status int, body bytea, state text, rule text)
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    replayed int;
    verdicts text[];  -- why an order is not carried out: a rule, 'replay', 'unproven' or 'alone'; null: it is
begin
    perform set_config('preuve.reach', '', true), set_config('preuve.role', 'candidate', true),
            set_config('preuve.centre', '', true), set_config('preuve.assessor', '', true),
            set_config('preuve.actor', '', true), set_config('preuve.candidate', '', true);

    perform from scheduling.sessions s where s.id = any (sessions) order by s.id for no key update;
    select array_agg(case
               when o.login is not null and l.id is null then 'unproven'
               when k.id is null then 'not_found'
               when i.account_id is not null then case when i.request = o.request then 'replay' else 'key_reused' end
               when s.opened_at is null then 'not_found'
               when s.locked_at is not null or s.cancelled_at is not null or lower(s.test_time) <= o.moment then 'session_not_open'
               when o.held then 'alone' end order by o.place) into verdicts
        from (select p.*, exists (select from scheduling.bookings h
                                  where h.candidate_id = p.candidate and h.confirmed_at is null and h.released_at is null
                                    and h.held_until <= p.moment) as held
              from unnest(accounts, candidates, sessions, keys, requests, moments, logins)
                   with ordinality p (account, candidate, session, key, request, moment, login, place)) o
        left join service.accounts k on k.id = o.account and k.candidate_id = o.candidate and k.role = 'candidate'
                                    and k.disabled_at is null
        left join lateral service.login_of(o.login, o.account, o.moment, seen_within) l on true
        left join service.idempotency i on i.account_id = o.account and i.key = o.key
        left join scheduling.sessions s on s.id = o.session;
    -- As many as there are seats, in the order in which they came.
    select array_agg(case
               when o.verdict is not null then o.verdict
               when o.rank <= o.free then null
               when exists (select from scheduling.bookings h where h.session_id = o.session and h.confirmed_at is null
                              and h.released_at is null and h.held_until <= o.moment) then 'alone'
               else 'session_full' end order by o.place) into verdicts
        from (select p.*, s.seats - s.taken as free,
                     count(*) filter (where p.verdict is null) over (partition by p.session order by p.place) as rank
              from unnest(sessions, moments, verdicts) with ordinality p (session, moment, verdict, place)
              left join scheduling.sessions s on s.id = p.session) o;
    if 'replay' = any (verdicts) then
        -- It writes, too, so that its commit waits for whatever the first one's waits for.
        update service.idempotency i set seen = i.seen + 1
            from unnest(accounts, keys, verdicts) o (account, key, verdict)
            where o.verdict = 'replay' and i.account_id = o.account and i.key = o.key;
        get diagnostics replayed = row_count;
        if replayed < cardinality(array_positions(verdicts, 'replay')) then
            raise exception 'a key that was there a moment ago' using errcode = 'serialization_failure';
        end if;
    end if;
    if array_position(verdicts, null) is not null then
        perform service.carry_out_orders(accounts, candidates, sessions, keys, requests, bookings, statuses, bodies, moments,
                                         holds, most_held, verdicts);
    end if;
    return query
        select case when o.verdict = 'replay' then i.status when o.verdict is null then o.status end,
               case when o.verdict = 'replay' then i.body when o.verdict is null then o.body end,
               case when o.verdict = 'alone' then '55P03' when o.verdict = 'unproven' then '28000'
                    when o.verdict <> 'replay' then '23514' end,
               case when o.verdict not in ('alone', 'replay', 'unproven') then o.verdict end
        from unnest(accounts, keys, statuses, bodies, verdicts) with ordinality o (account, key, status, body, verdict, place)
        left join service.idempotency i on o.verdict = 'replay' and i.account_id = o.account and i.key = o.key
        order by o.place;
end $$;

-- Those without a verdict, once the sessions are locked: key, file, seat, news. Raises what any of them breaks.
create or replace function service.carry_out_orders(
    accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[], bookings uuid[], statuses int[],
    bodies bytea[], moments timestamptz[], holds timestamptz[], most_held int[], verdicts text[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    wanted int := (select count(*) from unnest(verdicts) v where v is null);
    kept   int;
    actors jsonb := (select jsonb_object_agg(o.candidate, o.account)
                     from unnest(accounts, candidates, verdicts) o (account, candidate, verdict) where o.verdict is null);
begin
    perform set_config('preuve.actors', actors::text, true);  -- for the audit trail
    insert into service.idempotency (account_id, key, request, first_at, status, body)
        select o.account, o.key, o.request, o.moment, o.status, o.body
        from unnest(accounts, keys, requests, moments, statuses, bodies, verdicts)
             o (account, key, request, moment, status, body, verdict)
        where o.verdict is null order by o.account
        on conflict (account_id, key) do nothing;
    get diagnostics kept = row_count;
    if kept < wanted then
        raise exception 'the same key a moment ago' using errcode = 'serialization_failure';
    end if;
    with opened as (
        insert into assessments.enrolments as e (candidate_id, unit_id, enrolled_at)
        select o.candidate, s.unit_id, o.moment
        from unnest(candidates, sessions, moments, verdicts) o (candidate, session, moment, verdict)
        join scheduling.sessions s on s.id = o.session
        where o.verdict is null order by o.candidate
        on conflict on constraint already_enrolled do update set enrolled_at = excluded.enrolled_at, withdrawn_at = null
        where e.withdrawn_at is not null
        returning id, candidate_id, unit_id, enrolled_at)
    insert into service.outbox (topic, aggregate, payload, occurred_at)
        select 'enrolment.made', e.candidate_id,
               jsonb_build_object('enrolment_id', e.id, 'unit_id', e.unit_id,
                                  'by', actors ->> e.candidate_id::text), e.enrolled_at
        from opened e;
    with ordered as (
        select o.*, s.unit_id, s.test_time,
               case when exists (select from assessments.granted_measures(o.candidate))
                    then scheduling.extra_minutes(o.candidate, s.test_time) else 0 end as minutes
        from unnest(accounts, candidates, sessions, bookings, moments, holds, verdicts)
             o (account, candidate, session, booking, moment, hold_until, verdict)
        join scheduling.sessions s on s.id = o.session
        where o.verdict is null order by o.candidate offset 0),
    seats as (
        update scheduling.sessions s set taken = s.taken + o.seats, extra_minutes = greatest(s.extra_minutes, o.minutes)
        from (select session, count(*) as seats, max(minutes) as minutes from ordered group by session) o
        where s.id = o.session),
    booking as (
        insert into scheduling.bookings (id, session_id, unit_id, test_time, candidate_id, extra_minutes, booked_at,
                                         booked_by, changed_at, held_until, confirmed_at)
        select o.booking, o.session, o.unit_id, o.test_time, o.candidate, o.minutes, o.moment, o.account, o.moment,
               o.hold_until, case when o.hold_until is null then o.moment end
        from ordered o
        returning id, session_id, candidate_id, held_until, booked_at)
    insert into service.outbox (topic, aggregate, payload, occurred_at)
        select case when b.held_until is null then 'booking.confirmed' else 'booking.held' end, b.id,
               jsonb_build_object('session_id', b.session_id, 'candidate_id', b.candidate_id), b.booked_at
        from booking b;
    if array_remove(holds, null) <> '{}' then
        perform service.count_holds(candidates, moments, holds, most_held);
    end if;
end $$;
