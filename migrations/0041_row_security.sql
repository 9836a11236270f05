-- Row security: the application works as a role that owns nothing, and of each table sees the rows within its reach.
--
-- Who acts is said at the beginning of a transaction and ends with it. A connection that said nothing sees nothing and
-- writes nothing. What must look across centres is a named function that runs as the owner.

-- The role belongs to the whole cluster, where several databases may be migrated at once.
do $$ begin
    for attempt in 1 .. 5 loop
        begin
            if not exists (select from pg_roles where rolname = 'preuve_application') then
                create role preuve_application nologin;
            end if;
            if not pg_has_role(current_user, 'preuve_application', 'MEMBER') then
                execute format('grant preuve_application to %I', current_user);
            end if;
            return;
        exception
            when duplicate_object or unique_violation or internal_error then
                if attempt = 5 then raise; end if;
            when insufficient_privilege then
                raise exception 'the role preuve_application is missing, or not yet granted to %', current_user
                    using errcode = 'insufficient_privilege',
                          hint = format('As a superuser: create role preuve_application nologin; grant preuve_application to %I;',
                                        current_user);
        end;
    end loop;
end $$;

grant usage on schema service, scheduling, assessments, certificates to preuve_application;

-- Who acts.
create function service.acting_role() returns text language sql stable parallel safe return
    case when current_setting('preuve.reach', true) = 'house' then 'house'
         else nullif(current_setting('preuve.role', true), '') end;
create function service.acting_account() returns uuid language sql stable parallel safe return
    nullif(current_setting('preuve.actor', true), '')::uuid;
create function service.acting_centre() returns uuid language sql stable parallel safe return
    nullif(current_setting('preuve.centre', true), '')::uuid;
create function service.acting_candidate() returns uuid language sql stable parallel safe return
    nullif(current_setting('preuve.candidate', true), '')::uuid;
create function service.acting_assessor() returns uuid language sql stable parallel safe return
    nullif(current_setting('preuve.assessor', true), '')::uuid;

-- Whether a centre is the actor's own. An auditor without one reads them all.
create function service.is_my_centre(a_centre uuid) returns boolean language sql stable parallel safe return
    a_centre = service.acting_centre() or (service.acting_role() = 'auditor' and service.acting_centre() is null);

-- Whether the actor plans, and whether the actor works at all, for a centre.
create function service.plans() returns boolean language sql stable parallel safe return
    coalesce(service.acting_role() in ('manager', 'planner'), false);
create function service.receives() returns boolean language sql stable parallel safe return
    coalesce(service.acting_role() in ('manager', 'planner', 'reception'), false);
create function service.reads() returns boolean language sql stable parallel safe return
    coalesce(service.acting_role() in ('manager', 'planner', 'reception', 'auditor'), false);

-- Puts a table under row security: its owner passes, for migrations and the functions below; so do the roles named, as a
-- rule the house itself and the administrator. For everybody else it is empty until a policy says what is theirs.
create function service.protect(protected regclass, passing text[] default '{house,administrator}') returns void
language plpgsql as $$
begin
    execute format('alter table %s enable row level security, force row level security', protected);
    execute format('create policy owner on %s to %I using (true) with check (true)', protected,
                   (select pg_get_userbyid(relowner) from pg_class where oid = protected));
    execute format('create policy house on %s to preuve_application using (service.acting_role() = any (%L))',
                   protected, passing);
    execute format('grant select, insert, update, delete on %s to preuve_application', protected);
end $$;

-- Views ask with the rights of whoever asks them, unless their file says otherwise (security_invoker = false: public).
create function service.open_views() returns void language plpgsql as $$
declare
    v record;
begin
    for v in select c.oid::regclass as name, coalesce(c.reloptions::text, '') as options from pg_class c
             where c.relkind = 'v'
               and c.relnamespace::regnamespace::text in ('service', 'scheduling', 'assessments', 'certificates')
    loop
        if v.options not like '%security_invoker%' then
            execute format('alter view %s set (security_invoker = true)', v.name);
        end if;
        execute format('grant select on %s to preuve_application', v.name);
    end loop;
end $$;
revoke execute on function service.protect(regclass, text[]), service.open_views() from public;

-- The guards judge by all there is, not by what the actor sees; and the audit trail is written for everybody.
do $$ declare f record; begin
    for f in select p.oid::regprocedure as name from pg_proc p
             where p.pronamespace::regnamespace::text in ('service', 'scheduling', 'assessments', 'certificates')
               and (p.prorettype = 'trigger'::regtype
                    or p.oid = 'scheduling.booking_refusals(uuid, uuid, timestamptz)'::regprocedure
                    or p.oid = 'scheduling.capacity(uuid)'::regprocedure
                    or p.oid = 'scheduling.jury_complete(uuid)'::regprocedure) loop
        execute format('alter function %s security definer set search_path = pg_catalog, pg_temp', f.name);
    end loop;
end $$;

-- Reach to a session.

create function scheduling.is_of_my_centre(a_session uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.sessions s where s.id = a_session and service.is_my_centre(s.centre_id));
end $$;

create function scheduling.is_before_my_jury(a_session uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.jury_seats j
                   where j.session_id = a_session and j.assessor_id = service.acting_assessor() and j.released_at is null);
end $$;

create function scheduling.has_my_booking(a_session uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b
                   where b.session_id = a_session and b.candidate_id = service.acting_candidate());
end $$;

-- Reach to a test, by its booking. A reviewer is somebody appointed to an appeal about it.

create function scheduling.is_my_test(a_booking uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b
                   where b.id = a_booking and b.candidate_id = service.acting_candidate());
end $$;

create function scheduling.is_test_of_my_centre(a_booking uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                   where b.id = a_booking and service.is_my_centre(s.centre_id));
end $$;

create function scheduling.is_test_before_my_jury(a_booking uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b
                   where b.id = a_booking and scheduling.is_before_my_jury(b.session_id));
end $$;

create function assessments.is_mine_to_review(a_booking uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from assessments.decisions d join assessments.appeals a on a.decision_id = d.id
                   join assessments.appeal_reviewers w on w.appeal_id = a.id
                   where d.booking_id = a_booking and w.assessor_id = service.acting_assessor());
end $$;

create function assessments.holds_my_review(a_session uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b
                   where b.session_id = a_session and assessments.is_mine_to_review(b.id));
end $$;

-- Reach to a person.

create function assessments.comes_to_my_centre(a_candidate uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                   where b.candidate_id = a_candidate and service.is_my_centre(s.centre_id));
end $$;

create function assessments.comes_before_me(a_candidate uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.bookings b where b.candidate_id = a_candidate
                     and (scheduling.is_before_my_jury(b.session_id) or assessments.is_mine_to_review(b.id)));
end $$;

create function assessments.sits_with_me(an_assessor uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.jury_seats mine join scheduling.jury_seats j on j.session_id = mine.session_id
                   where mine.assessor_id = service.acting_assessor() and mine.released_at is null
                     and j.assessor_id = an_assessor);
end $$;

-- Jury content. Before it is unsealed nobody but its author reads it: the jury, the centre and the administrator learn
-- that a recording is there, and whether it was submitted.

create function assessments.is_unsealed(a_booking uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return not exists (select from assessments.recordings r where r.booking_id = a_booking and r.submitted_at is null)
       and exists (select from assessments.recordings r where r.booking_id = a_booking and r.role = 'evaluator')
       and (exists (select from assessments.recordings r where r.booking_id = a_booking and r.role = 'observer')
            or exists (select from scheduling.bookings b join assessments.units u on u.id = b.unit_id
                       join assessments.trades t on t.id = u.trade_id join assessments.schemes k on k.code = t.scheme
                       where b.id = a_booking and k.observers_min = 0));
end $$;

create function assessments.recorded(a_booking uuid) returns table (assessor_id uuid, role text, submitted boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return query select r.assessor_id, r.role, r.submitted_at is not null from assessments.recordings r
        where r.booking_id = a_booking
          and (service.acting_role() in ('house', 'administrator') or scheduling.is_test_of_my_centre(a_booking)
               or scheduling.is_test_before_my_jury(a_booking))
        order by r.started_at, r.id;
end $$;

-- Whether an assessor has a seat elsewhere at that time, in whichever centre: all that a planner may know of it.
create function scheduling.is_seated(an_assessor uuid, at tstzrange) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from scheduling.jury_seats j where j.assessor_id = an_assessor and j.released_at is null
                     and j.role <> 'manager' and j.during && at);
end $$;

-- What the secret of a cookie opens: its login, and with that its account. Asked before anybody acts.
create function service.login_of(a_secret_hash bytea) returns setof service.logins language plpgsql stable security definer
rows 1 set search_path = pg_catalog, pg_temp as $$ begin
    return query select l.* from service.logins l where l.secret_hash = a_secret_hash;
end $$;

create function service.account_of_login(a_secret_hash bytea) returns setof service.accounts language plpgsql stable
security definer rows 1 set search_path = pg_catalog, pg_temp as $$ begin
    return query select a.* from service.accounts a join service.logins l on l.account_id = a.id
        where l.secret_hash = a_secret_hash;
end $$;

create function service.login_seen(a_secret_hash bytea, moment timestamptz) returns void language sql security definer
set search_path = pg_catalog, pg_temp as $$ update service.logins set seen_at = moment where secret_hash = a_secret_hash $$;

-- The same of a program's token.
create function service.token_of(a_secret_hash bytea) returns setof service.tokens language plpgsql stable security definer
rows 1 set search_path = pg_catalog, pg_temp as $$ begin
    return query select t.* from service.tokens t where t.secret_hash = a_secret_hash;
end $$;

create function service.account_of_token(a_secret_hash bytea) returns setof service.accounts language plpgsql stable
security definer rows 1 set search_path = pg_catalog, pg_temp as $$ begin
    return query select a.* from service.accounts a join service.tokens t on t.account_id = a.id
        where t.secret_hash = a_secret_hash;
end $$;

create function service.token_used(a_secret_hash bytea, moment timestamptz) returns void language sql security definer
set search_path = pg_catalog, pg_temp as $$ update service.tokens set last_used_at = moment where secret_hash = a_secret_hash $$;

-- The centre of whoever did something, for the person it was done to; never who it was.
create function service.centre_of(an_account uuid) returns uuid language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select coalesce(k.centre_id, s.centre_id) from service.accounts k
            left join assessments.assessors s on s.id = k.assessor_id
            where k.id = an_account and k.candidate_id is null);
end $$;

-- Locking a row asks for the right to change it. The roles named, which may lock it, still change nothing of it.
create function service.only_lock() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if service.acting_role() = any (tg_argv) then
        raise exception '%.% is not for % to change', tg_table_schema, tg_table_name, service.acting_role()
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
