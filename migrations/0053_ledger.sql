-- The ledger in one round trip: what a verb did in several statements is a function, and a list of orders is one call.
--
-- They run with the rights of whoever calls them: under row security each order reaches what its own person reaches. Their
-- search_path is that of the guards they set off: a plan that both use would be made anew at each change of it.

-- Take a seat, or say which rule refuses it. What is broken otherwise raises, as the constraints and guards do.
--
-- The hot path is one statement: it takes the seat from the session's counter, inserts the booking and tells the outbox.
-- Holds past their time stand in nobody's way, and only who meets one, or a full session, pays for looking.
create function scheduling.take_seat(a_booking uuid, a_session uuid, a_candidate uuid, moment timestamptz, an_account uuid,
                                     hold_until timestamptz, a_waiting uuid, out booked uuid, out refused text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    -- Not scheduling.extra_minutes: its plan would be made anew for this role, and again for the guards' owner.
    percent int := coalesce((select max(a.extra_percent) from assessments.accommodations a
                             where a.candidate_id = a_candidate and a.granted_at is not null), 0);
begin
    for attempt in 1 .. 2 loop
        with seat as (
            update scheduling.sessions s
            set taken = s.taken + 1, extra_minutes = greatest(s.extra_minutes, x.minutes)
            from (select ceil(extract(epoch from upper(t.test_time) - lower(t.test_time)) / 60 * percent / 100)::int as minutes
                  from scheduling.sessions t where t.id = a_session offset 0) x
            where s.id = a_session and s.taken < s.seats and s.opened_at is not null and s.locked_at is null
              and s.cancelled_at is null and lower(s.test_time) > moment
              and not exists (select from scheduling.bookings h
                              where h.candidate_id = a_candidate and h.confirmed_at is null and h.released_at is null
                                and h.held_until <= moment)
            returning s.id, s.unit_id, s.test_time, x.minutes),
        booking as (
            insert into scheduling.bookings (id, session_id, unit_id, test_time, candidate_id, extra_minutes, booked_at,
                                             booked_by, changed_at, held_until, confirmed_at, waiting_id)
            select coalesce(a_booking, gen_random_uuid()), s.id, s.unit_id, s.test_time, a_candidate, s.minutes, moment,
                   an_account, moment, hold_until, case when hold_until is null then moment end, a_waiting
            from seat s returning id, session_id),
        news as (
            insert into service.outbox (topic, aggregate, payload, occurred_at)
            select case when hold_until is null then 'booking.confirmed'
                        when a_waiting is null then 'booking.held' else 'booking.offered' end, b.id,
                   jsonb_build_object('session_id', b.session_id, 'candidate_id', a_candidate), moment from booking b)
        select b.id into booked from booking b;
        exit when booked is not null or attempt = 2 or scheduling.expire_holds(moment, a_session, a_candidate, 100) = 0;
    end loop;
    if booked is null then
        if exists (select from scheduling.sessions s where s.id = a_session and s.opened_at is not null
                     and s.locked_at is null and s.cancelled_at is null and lower(s.test_time) > moment) then
            refused := 'session_full';
        elsif exists (select from scheduling.sessions s where s.id = a_session) then
            refused := 'session_not_open';
        else
            refused := 'not_found';
        end if;
    end if;
end $$;

-- Open the candidate's file for a unit, or again after a withdrawal; null where it was open.
create function assessments.enrol(a_candidate uuid, a_unit uuid, moment timestamptz, an_account uuid) returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    enrolment uuid;
begin
    with opened as (
        insert into assessments.enrolments as e (candidate_id, unit_id, enrolled_at) values (a_candidate, a_unit, moment)
        on conflict on constraint already_enrolled do update set enrolled_at = moment, withdrawn_at = null
        where e.withdrawn_at is not null
        returning id, candidate_id, unit_id),
    news as (
        insert into service.outbox (topic, aggregate, payload, occurred_at)
        select 'enrolment.made', o.candidate_id,
               jsonb_build_object('enrolment_id', o.id, 'unit_id', o.unit_id, 'by', an_account), moment from opened o)
    select o.id into enrolment from opened o;
    return enrolment;
end $$;

-- Take a key for this transaction with the answer it will give, or say which one it gave before: `seen` is then above 1.
-- A replay writes too, so that its commit waits for whatever the first one's waits for.
create function service.claim_key(an_account uuid, a_key text, a_request text, moment timestamptz, a_status int, a_body bytea,
                                  out request text, out status int, out body bytea, out seen int)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    insert into service.idempotency as i (account_id, key, request, first_at, status, body)
    values (an_account, a_key, a_request, moment, a_status, a_body)
    on conflict (account_id, key) do update set seen = i.seen + 1
    returning i.request, i.status, i.body, i.seen into request, status, body, seen;
end $$;

-- One keyed order of a candidate's account, enrolling first if need be. `a_body` is the answer if it succeeds; the one that
-- is returned is the first one under this key. Every refusal raises, under its name.
create function service.order_seat(an_account uuid, a_candidate uuid, a_session uuid, a_key text, a_request text, a_booking uuid,
                                   a_status int, a_body bytea, moment timestamptz, hold_until timestamptz, most_held int,
                                   out status int, out body bytea)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    claimed record;
    a_unit  uuid;
    rule    text;
begin
    if not exists (select from service.accounts k where k.id = an_account and k.candidate_id = a_candidate
                     and k.role = 'candidate' and k.disabled_at is null) then
        perform service.refuse('not_found');
    end if;
    select * into claimed from service.claim_key(an_account, a_key, a_request, moment, a_status, a_body);
    if claimed.request <> a_request then
        perform service.refuse('key_reused');
    end if;
    status := claimed.status;
    body := claimed.body;
    if claimed.seen > 1 then
        return;
    end if;
    select s.unit_id into a_unit from scheduling.sessions s where s.id = a_session and s.opened_at is not null;
    if a_unit is null then
        perform service.refuse('not_found');  -- a draft is nobody's business yet
    end if;
    perform assessments.enrol(a_candidate, a_unit, moment, an_account);
    select t.refused into rule from scheduling.take_seat(a_booking, a_session, a_candidate, moment, an_account, hold_until, null) t;
    if rule is not null then
        perform service.refuse(rule);
    end if;
    if hold_until is not null then
        -- After the seat, so that the order of locks stays: session, then candidate. Under it no hold is counted twice.
        perform from assessments.candidates c where c.id = a_candidate for no key update;
        if (select count(*) from scheduling.bookings b
            where b.candidate_id = a_candidate and b.confirmed_at is null and b.released_at is null
              and b.held_until > moment and b.waiting_id is null) > most_held then
            perform service.refuse('too_many_holds');
        end if;
    end if;
end $$;

-- Several orders in one transaction, each judged by itself: what one is refused undoes nothing of its neighbours'. An
-- order acts as its own account and nobody else, under row security, and its account must be that candidate's.
--
-- Of each, in their order: its answer, or the sqlstate and the name of what refused it. In company nobody waits longer
-- than `patience` (as lock_timeout is written) for a lock. Empty: alone; it waits as the connection would, and raises.
create function service.order_seats(accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[],
                                    bookings uuid[], statuses int[], bodies bytea[], moments timestamptz[],
                                    holds timestamptz[], most_held int[], patience text)
returns table (status int, body bytea, state text, rule text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if patience <> '' then
        perform set_config('lock_timeout', patience, true);
    end if;
    set constraints all immediate;  -- what would be refused at the commit is refused to whom it concerns
    perform set_config('preuve.reach', '', true), set_config('preuve.role', 'candidate', true),
            set_config('preuve.centre', '', true), set_config('preuve.assessor', '', true);
    for i in 1 .. cardinality(accounts) loop
        perform set_config('preuve.actor', accounts[i]::text, true), set_config('preuve.candidate', candidates[i]::text, true);
        status := null; body := null; state := null; rule := null;
        begin
            select o.status, o.body into status, body
            from service.order_seat(accounts[i], candidates[i], sessions[i], keys[i], requests[i], bookings[i], statuses[i],
                                    bodies[i], moments[i], holds[i], most_held[i]) o;
        exception when others then
            if patience = '' then
                raise;
            end if;
            get stacked diagnostics state = returned_sqlstate, rule = constraint_name;
        end;
        return next;
    end loop;
end $$;

-- What the secrets of several cookies open, each with its place in the list. Asked before anybody acts.
create function service.logins_of(secret_hashes bytea[])
returns table (place int, id uuid, email text, role text, centre_id uuid, candidate_id uuid, assessor_id uuid, language text,
               login_id uuid, method text, device text, signed_in_at timestamptz, seen_at timestamptz, expires_at timestamptz,
               ended_at timestamptz, confirmed_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return query
    select h.place::int, a.id, a.email, a.role, a.centre_id, a.candidate_id, a.assessor_id, a.language::text,
           l.id, l.method, l.device, l.signed_in_at, l.seen_at, l.expires_at, l.ended_at,
           coalesce(l.confirmed_at, l.signed_in_at)
    from unnest(secret_hashes) with ordinality h (secret_hash, place)
    join service.logins l on l.secret_hash = h.secret_hash
    join service.accounts a on a.id = l.account_id
    where a.disabled_at is null;
end $$;
