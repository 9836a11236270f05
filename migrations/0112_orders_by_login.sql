-- A login recognised in the order's own transaction: who shows a cookie that says whose it is needs no round trip before.
--
-- The cookie's claim (service/claims.py) is a hint, and proves nothing: an order that carries the hash of a login is carried
-- out, or refused for a rule, only where that login is its account's, has not ended, and was seen a moment ago. Otherwise it
-- comes back as unproven (28000), not carried out, for the way by which everybody is recognised.

-- The login behind a cookie, if it is this account's and nothing has to be noted or looked at more closely.
create function service.login_of(a_secret_hash bytea, an_account uuid, moment timestamptz, seen_within interval)
returns setof service.logins language sql stable begin atomic
    select l.* from service.logins l join service.accounts a on a.id = l.account_id
    where l.secret_hash = a_secret_hash and l.account_id = an_account and a.disabled_at is null and l.ended_at is null
      and l.expires_at > moment and l.seen_at >= moment - seen_within;
end;
create function service.is_login_of(a_secret_hash bytea, an_account uuid, moment timestamptz, seen_within interval)
returns boolean language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from service.login_of(a_secret_hash, an_account, moment, seen_within));
end $$;

-- As in 0081_orders_in_company.sql and 0053_ledger.sql, the login first.
drop function service.order_seats, service.order_seats_one_by_one, service.order_seats_together;
create function service.order_seats_together(accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[],
                                             bookings uuid[], statuses int[], bodies bytea[], moments timestamptz[],
                                             holds timestamptz[], most_held int[], logins bytea[], seen_within interval)
returns table (status int, body bytea, state text, rule text)
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    verdicts text[];  -- why an order is not carried out: a rule, 'replay', 'unproven' or 'alone'; null: it is
begin
    perform set_config('preuve.reach', '', true), set_config('preuve.role', 'candidate', true),
            set_config('preuve.centre', '', true), set_config('preuve.assessor', '', true),
            set_config('preuve.actor', '', true), set_config('preuve.candidate', '', true);

    -- A replay writes too, so that its commit waits for whatever the first one's waits for.
    update service.idempotency i set seen = i.seen + 1
        from unnest(accounts, keys, requests, moments, logins) o (account, key, request, moment, login)
        where i.account_id = o.account and i.key = o.key and i.request = o.request
          and (o.login is null or exists (select from service.login_of(o.login, o.account, o.moment, seen_within)));
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

create function service.order_seats_one_by_one(accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[],
                                    bookings uuid[], statuses int[], bodies bytea[], moments timestamptz[],
                                    holds timestamptz[], most_held int[], patience text,
                                    logins bytea[], seen_within interval)
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
        if logins[i] is not null and not service.is_login_of(logins[i], accounts[i], moments[i], seen_within) then
            state := '28000';
            return next;
            continue;
        end if;
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

create function service.order_seats(accounts uuid[], candidates uuid[], sessions uuid[], keys text[], requests text[],
                                    bookings uuid[], statuses int[], bodies bytea[], moments timestamptz[],
                                    holds timestamptz[], most_held int[], patience text,
                                    logins bytea[] default null, seen_within interval default null)
returns table (status int, body bytea, state text, rule text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if patience <> '' and cardinality(accounts) > 1 then
        perform set_config('lock_timeout', patience, true);
        set constraints all immediate;
        begin
            return query select * from service.order_seats_together(
                accounts, candidates, sessions, keys, requests, bookings, statuses, bodies, moments, holds, most_held,
                logins, seen_within);
            return;
        exception when others then
            null;  -- one of them breaks a rule, or meets a lock: each by itself will say who, and why
        end;
    end if;
    return query select * from service.order_seats_one_by_one(
        accounts, candidates, sessions, keys, requests, bookings, statuses, bodies, moments, holds, most_held, patience, logins, seen_within);
end $$;
