-- Orders in company: what several candidates order at the same moment is one unit of work of a few statements.
--
-- It runs as the owner, because one transaction acts for several persons: an order reaches its own account, its own
-- candidate, an open session and nothing else, whatever was handed over. What the set cannot decide in one go (somebody's
-- broken rule, a lapsed hold, a lock that is held) is left to service.order_seat, one by one.

-- Of each order in its place: the answer, or the rule that refuses it, or the sqlstate that says that it has to go alone.
-- Each account comes once. Locks: keys, sessions, candidates, each in one order. Lists of another length are no reason for
-- another plan: making one costs more than the rest.
create function service.order_seats_together(accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[],
                                             bookings uuid[], statuses int[], bodies bytea[], moments timestamptz[],
                                             holds timestamptz[], most_held int[])
returns table (status int, body bytea, state text, rule text)
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    verdicts text[];  -- why an order is not carried out: a rule, 'replay' or 'alone'; null: it is
begin
    perform set_config('preuve.reach', '', true), set_config('preuve.role', 'candidate', true),
            set_config('preuve.centre', '', true), set_config('preuve.assessor', '', true),
            set_config('preuve.actor', '', true), set_config('preuve.candidate', '', true);

    -- A replay writes too, so that its commit waits for whatever the first one's waits for.
    update service.idempotency i set seen = i.seen + 1
        from unnest(accounts, keys, requests) o (account, key, request)
        where i.account_id = o.account and i.key = o.key and i.request = o.request;
    perform from scheduling.sessions s where s.id = any (sessions) order by s.id for no key update;
    select array_agg(case
               when k.id is null then 'not_found'
               when i.account_id is not null then case when i.request = o.request then 'replay' else 'key_reused' end
               when s.opened_at is null then 'not_found'
               when s.locked_at is not null or s.cancelled_at is not null or lower(s.test_time) <= o.moment then 'session_not_open'
               when o.held then 'alone' end order by o.place) into verdicts
        from (select p.*, exists (select from scheduling.bookings h
                                  where h.candidate_id = p.candidate and h.confirmed_at is null and h.released_at is null
                                    and h.held_until <= p.moment) as held
              from unnest(accounts, candidates, sessions, keys, requests, moments)
                   with ordinality p (account, candidate, session, key, request, moment, place)) o
        left join service.accounts k on k.id = o.account and k.candidate_id = o.candidate and k.role = 'candidate'
                                    and k.disabled_at is null
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
    if array_position(verdicts, null) is not null then
        perform service.carry_out_orders(accounts, candidates, sessions, keys, requests, bookings, statuses, bodies, moments,
                                         holds, most_held, verdicts);
    end if;
    return query
        select case when o.verdict = 'replay' then i.status when o.verdict is null then o.status end,
               case when o.verdict = 'replay' then i.body when o.verdict is null then o.body end,
               case when o.verdict = 'alone' then '55P03' when o.verdict <> 'replay' then '23514' end,
               case when o.verdict not in ('alone', 'replay') then o.verdict end
        from unnest(accounts, keys, statuses, bodies, verdicts) with ordinality o (account, key, status, body, verdict, place)
        left join service.idempotency i on o.verdict = 'replay' and i.account_id = o.account and i.key = o.key
        order by o.place;
end $$;

-- Those without a verdict, once the sessions are locked: key, file, seat, news. Raises what any of them breaks.
create function service.carry_out_orders(accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[],
                                         bookings uuid[], statuses int[], bodies bytea[], moments timestamptz[],
                                         holds timestamptz[], most_held int[], verdicts text[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    wanted int := (select count(*) from unnest(verdicts) v where v is null);
    kept   int;
begin
    perform set_config('preuve.actors', jsonb_object_agg(o.candidate, o.account)::text, true)  -- for the audit trail
        from unnest(accounts, candidates, verdicts) o (account, candidate, verdict) where o.verdict is null;
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
                                  'by', current_setting('preuve.actors')::jsonb ->> e.candidate_id::text), e.enrolled_at
        from opened e;
    with ordered as (
        select o.*, s.unit_id, s.test_time, scheduling.extra_minutes(o.candidate, s.test_time) as minutes
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
revoke execute on function service.carry_out_orders from public;

-- After the seats, so that the order of locks stays: session, then candidate. Under it no hold is counted twice.
create function service.count_holds(candidates uuid[], moments timestamptz[], holds timestamptz[], most_held int[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform from assessments.candidates c
        where c.id in (select o.candidate from unnest(candidates, holds) o (candidate, hold_until) where o.hold_until is not null)
        order by c.id for no key update;
    if exists (select from unnest(candidates, moments, holds, most_held) o (candidate, moment, hold_until, most)
               where o.hold_until is not null and o.most < (
                   select count(*) from scheduling.bookings b
                   where b.candidate_id = o.candidate and b.confirmed_at is null and b.released_at is null
                     and b.held_until > o.moment and b.waiting_id is null)) then
        perform service.refuse('too_many_holds');
    end if;
end $$;
revoke execute on function service.count_holds from public;

-- One by one, each judged by itself (migrations/0053_ledger.sql), unless they can be decided as a set.
alter function service.order_seats(uuid[], uuid[], uuid[], text[], text[], uuid[], int[], bytea[], timestamptz[], timestamptz[],
                                   int[], text) rename to order_seats_one_by_one;
create function service.order_seats(accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[],
                                    bookings uuid[], statuses int[], bodies bytea[], moments timestamptz[],
                                    holds timestamptz[], most_held int[], patience text)
returns table (status int, body bytea, state text, rule text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if patience <> '' and cardinality(accounts) > 1 then
        perform set_config('lock_timeout', patience, true);
        set constraints all immediate;
        begin
            return query select * from service.order_seats_together(
                accounts, candidates, sessions, keys, requests, bookings, statuses, bodies, moments, holds, most_held);
            return;
        exception when others then
            null;  -- one of them breaks a rule, or meets a lock: each by itself will say who, and why
        end;
    end if;
    return query select * from service.order_seats_one_by_one(
        accounts, candidates, sessions, keys, requests, bookings, statuses, bodies, moments, holds, most_held, patience);
end $$;
