-- Calendars of centres and rooms have thousands of events, and are asked for each hour by every program that shows one.
-- A process keeps what it has written, and asks what changed since: of a year's sessions one or none.
--
-- Not a version that is counted up: whoever changes two sessions of a centre at a time would wait for each other. A line
-- is added instead, with the transaction that adds it, and a reader takes what its last snapshot did not show yet.

create table scheduling.calendar_changes (
    id         bigint generated always as identity primary key,
    owner_id   uuid not null,                                    -- a centre or a room
    session_id uuid not null,
    changed_in xid8 not null default pg_current_xact_id(),
    changed_at timestamptz not null default clock_timestamp()    -- only to forget it by
);
create index on scheduling.calendar_changes (owner_id, changed_in);
create index on scheduling.calendar_changes (changed_at);
select service.protect('scheduling.calendar_changes', '{house}');

create function scheduling.note_calendar_change() returns trigger language plpgsql as $$
begin
    insert into scheduling.calendar_changes (owner_id, session_id)
    select distinct o, new.id from unnest(array[new.centre_id, new.room_id, case when tg_op = 'UPDATE' then old.centre_id end,
                                                case when tg_op = 'UPDATE' then old.room_id end]) o where o is not null;
    return null;
end $$;
create trigger calendars_of_new after insert on scheduling.sessions
    for each row execute function scheduling.note_calendar_change();
-- A booking moves the counter, which no calendar shows: it does not get as far as the function.
create trigger calendars_of_changed after update on scheduling.sessions for each row
    when (old.changed_at is distinct from new.changed_at or old.test_time <> new.test_time or old.occupied <> new.occupied
          or old.sequence <> new.sequence or old.cancelled_at is distinct from new.cancelled_at
          or old.room_id <> new.room_id or old.centre_id <> new.centre_id or old.unit_id <> new.unit_id
          or old.language <> new.language)
    execute function scheduling.note_calendar_change();

-- The live feed of a secret, if the account behind it may still see what it shows.
create function scheduling.feed_of(a_token_hash bytea)
returns table (id uuid, kind text, owner_id uuid, language text, created_at timestamptz) language plpgsql stable
security definer rows 1 set search_path = pg_catalog, pg_temp as $$ begin
    return query
    select f.id, f.kind, f.owner_id, f.language::text, f.created_at
    from scheduling.feeds f join service.accounts a on a.id = f.created_by
    where f.token_hash = a_token_hash and f.revoked_at is null and a.disabled_at is null
      and case f.kind
          when 'candidate' then a.candidate_id = f.owner_id
          when 'assessor' then a.assessor_id = f.owner_id
          when 'centre' then a.role = 'administrator' or a.centre_id = f.owner_id
          when 'room' then a.role = 'administrator'
               or a.centre_id = (select r.centre_id from scheduling.rooms r where r.id = f.owner_id)
          end;
end $$;

-- The same, with the picture in which it was seen and the sessions that a former picture does not show as they are now.
create function scheduling.feed_since(a_token_hash bytea, former pg_snapshot)
returns table (id uuid, kind text, owner_id uuid, language text, created_at timestamptz, surroundings uuid, seen text,
               changed uuid[]) language plpgsql stable security definer rows 1 set search_path = pg_catalog, pg_temp as $$ begin
    return query
    select f.id, f.kind, f.owner_id, f.language, f.created_at, (select v.version from scheduling.surroundings v),
           pg_current_snapshot()::text,
           case when former is not null then
               array(select distinct c.session_id from scheduling.calendar_changes c
                     where c.owner_id = f.owner_id and c.changed_in >= pg_snapshot_xmin(former)
                       and not pg_visible_in_snapshot(c.changed_in, former)) end
    from scheduling.feed_of(a_token_hash) f;
end $$;

-- Of the calendar of a secret, a centre's or a room's, what these sessions are in it now: as the view scheduling.calendar
-- says, whose plan is made for all four kinds of calendar and takes longer than this.
create function scheduling.feed_events(a_token_hash bytea, asked uuid[])
returns table (event_id uuid, session_id uuid, role text, starts_at timestamptz, ends_at timestamptz, sequence int,
               changed_at timestamptz, cancelled boolean, language text, unit_code text, unit_label jsonb, trade_label jsonb,
               centre_name text, room_name text, street text, postcode text, municipality text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$ begin
    return query
    select s.id, s.id, 'session', lower(case f.kind when 'room' then s.occupied else s.test_time end),
           upper(case f.kind when 'room' then s.occupied else s.test_time end), s.sequence, s.changed_at,
           s.cancelled_at is not null, s.language::text, u.code, u.label::jsonb, t.label::jsonb, c.name, r.name, i.street,
           i.postcode, i.municipality
    from scheduling.feed_of(a_token_hash) f
    join scheduling.sessions s on s.id = any (asked)
         and f.owner_id = case f.kind when 'room' then s.room_id when 'centre' then s.centre_id end
    join assessments.units u on u.id = s.unit_id
    join assessments.trades t on t.id = u.trade_id
    join scheduling.rooms r on r.id = s.room_id
    join scheduling.sites i on i.id = r.site_id
    join scheduling.centres c on c.id = s.centre_id;
end $$;
