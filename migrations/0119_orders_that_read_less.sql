-- Less for the database to read and to begin in each set of orders; what is done and refused is the same.
--
-- Whether an enrolment was withdrawn was asked by reading all enrolments, once a set, for as long as a plan was remembered that
-- was made while they were few. What a set adds is one statement after its keys, where a statement and a table's triggers had
-- been begun three times; the sessions were asked twice who is full; and a key was first tried and then kept.

-- As in 0113_rules_in_sets.sql, but: withdrawn enrolments one by one, by the index; and nobody is locked twice: the foreign key
-- has locked the candidates of these rows before a statement's trigger fires, so that an erasure waits or is seen.
create or replace function scheduling.guard_bookings() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    broken    text;
    assessing boolean;
    measured  boolean;
begin
    perform pg_advisory_xact_lock(16, o.person)
        from (select hashtext(f.candidate_id::text) as person from fresh f order by 1) o;
    select coalesce(min(o.rule), case when bool_or(o.erased) then 'candidate_erased' end), bool_or(o.assessing), bool_or(o.measured)
        into broken, assessing, measured
        from (select coalesce((array_remove(r.rules, null))[1], case when f.withdrawn then 'enrolment_withdrawn' end) as rule, f.erased,
                     f.assessing, f.measured
              from (select n.candidate_id, n.session_id,
                           (select count(*) from scheduling.bookings_beside(n.candidate_id, n.session_id)) as places,
                           exists (select from assessments.enrolments e where e.candidate_id = any (array[n.candidate_id])
                                     and e.unit_id = n.unit_id and e.withdrawn_at is not null) as withdrawn,
                           exists (select from assessments.assessors a where a.id = any (array[n.candidate_id])) as assessing,
                           exists (select from assessments.granted_measures(n.candidate_id)) as measured,
                           exists (select from assessments.candidates c
                                   where c.id = any (array[n.candidate_id]) and c.erased_at is not null) as erased
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

-- As in 0113_rules_in_sets.sql. An answer is read again only when it is a replay's.
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
    -- Of those whom nothing stands in the way, as many as there are seats, in the order in which they came.
    select array_agg(case
               when o.verdict is not null then o.verdict
               when o.rank <= o.free then null
               when exists (select from scheduling.bookings h where h.session_id = o.session and h.confirmed_at is null
                              and h.released_at is null and h.held_until <= o.moment) then 'alone'
               else 'session_full' end order by o.place) into verdicts
        from (select o.*, count(*) filter (where o.verdict is null) over (partition by o.session order by o.place) as rank
              from (select p.session, p.moment, p.place, s.seats - s.taken as free,
                           case
                           when p.login is not null and l.id is null then 'unproven'
                           when k.id is null then 'not_found'
                           when i.account_id is not null then case when i.request = p.request then 'replay' else 'key_reused' end
                           when s.opened_at is null then 'not_found'
                           when s.locked_at is not null or s.cancelled_at is not null or lower(s.test_time) <= p.moment
                                then 'session_not_open'
                           when exists (select from scheduling.bookings h
                                        where h.candidate_id = p.candidate and h.confirmed_at is null and h.released_at is null
                                          and h.held_until <= p.moment) then 'alone' end as verdict
                    from unnest(accounts, candidates, sessions, keys, requests, moments, logins)
                         with ordinality p (account, candidate, session, key, request, moment, login, place)
                    left join service.accounts k on k.id = p.account and k.candidate_id = p.candidate and k.role = 'candidate'
                                                and k.disabled_at is null
                    left join lateral service.login_of(p.login, p.account, p.moment, seen_within) l on true
                    left join service.idempotency i on i.account_id = p.account and i.key = p.key
                    left join scheduling.sessions s on s.id = p.session offset 0) o) o;
    if 'replay' = any (verdicts) then
        -- It writes, too, so that its commit waits for whatever the first one's waits for.
        update service.idempotency i set seen = i.seen + 1
            from unnest(accounts, keys, verdicts) o (account, key, verdict)
            where o.verdict = 'replay' and i.account_id = o.account and i.key = o.key;
        get diagnostics replayed = row_count;
        if replayed < cardinality(array_positions(verdicts, 'replay')) then
            raise exception 'a key that was there a moment ago' using errcode = 'serialization_failure';
        end if;
        select array_agg(coalesce(i.status, o.status) order by o.place), array_agg(coalesce(i.body, o.body) order by o.place)
            into statuses, bodies
            from unnest(accounts, keys, statuses, bodies, verdicts) with ordinality o (account, key, status, body, verdict, place)
            left join service.idempotency i on o.verdict = 'replay' and i.account_id = o.account and i.key = o.key;
    end if;
    if array_position(verdicts, null) is not null then
        perform service.carry_out_orders(accounts, candidates, sessions, keys, requests, bookings, statuses, bodies, moments,
                                         holds, most_held, verdicts);
    end if;
    return query
        select case when o.carried_out then o.status end, case when o.carried_out then o.body end,
               case when o.verdict = 'alone' then '55P03' when o.verdict = 'unproven' then '28000'
                    when not o.carried_out then '23514' end,
               case when not o.carried_out and o.verdict not in ('alone', 'unproven') then o.verdict end
        from (select u.*, coalesce(u.verdict = 'replay', true) as carried_out
              from unnest(statuses, bodies, verdicts) with ordinality u (status, body, verdict, place)) o
        order by o.place;
end $$;

-- Those without a verdict, once the sessions are locked: key, file, seat, news. Raises what any of them breaks, and also that a
-- key came at the same moment.
create or replace function service.carry_out_orders(
    accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[], bookings uuid[], statuses int[],
    bodies bytea[], moments timestamptz[], holds timestamptz[], most_held int[], verdicts text[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    actors jsonb := (select jsonb_object_agg(o.candidate, o.account)
                     from unnest(accounts, candidates, verdicts) o (account, candidate, verdict) where o.verdict is null);
begin
    perform set_config('preuve.actors', actors::text, true);  -- for the audit trail
    insert into service.idempotency (account_id, key, request, first_at, status, body)
        select o.account, o.key, o.request, o.moment, o.status, o.body
        from unnest(accounts, keys, requests, moments, statuses, bodies, verdicts)
             o (account, key, request, moment, status, body, verdict)
        where o.verdict is null order by o.account;
    with ordered as (
        select o.*, s.unit_id, s.test_time,
               case when exists (select from assessments.granted_measures(o.candidate))
                    then scheduling.extra_minutes(o.candidate, s.test_time) else 0 end as minutes
        from unnest(accounts, candidates, sessions, bookings, moments, holds, verdicts)
             o (account, candidate, session, booking, moment, hold_until, verdict)
        join scheduling.sessions s on s.id = o.session
        where o.verdict is null order by o.candidate offset 0),
    opened as (
        insert into assessments.enrolments as e (candidate_id, unit_id, enrolled_at)
        select o.candidate, o.unit_id, o.moment from ordered o
        on conflict on constraint already_enrolled do update set enrolled_at = excluded.enrolled_at, withdrawn_at = null
        where e.withdrawn_at is not null
        returning id, candidate_id, unit_id, enrolled_at),
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
        select 'enrolment.made', e.candidate_id,
               jsonb_build_object('enrolment_id', e.id, 'unit_id', e.unit_id,
                                  'by', actors ->> e.candidate_id::text), e.enrolled_at
        from opened e
        union all
        select case when b.held_until is null then 'booking.confirmed' else 'booking.held' end, b.id,
               jsonb_build_object('session_id', b.session_id, 'candidate_id', b.candidate_id), b.booked_at
        from booking b;
    if array_remove(holds, null) <> '{}' then
        perform service.count_holds(candidates, moments, holds, most_held);
    end if;
end $$;
