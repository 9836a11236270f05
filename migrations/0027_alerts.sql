-- "Tell me when a place opens": a wish that a candidate leaves behind, and of which sessions it was told.

create table scheduling.alerts (
    id           uuid primary key default gen_random_uuid(),
    candidate_id uuid not null references assessments.candidates,
    query        text not null check (length(query) <= 2000),   -- the search, as its address says it
    units        uuid[] not null constraint alert_too_wide check (cardinality(units) > 0),
    language     service.language,
    centre_id    uuid references scheduling.centres,
    since        timestamptz,
    until        timestamptz,
    weekdays     int[],
    half         text check (half in ('morning', 'afternoon')),
    accessible   boolean not null,
    postcodes    text[],
    created_at   timestamptz not null,
    expires_at   timestamptz not null check (expires_at > created_at),
    ended_at     timestamptz
);
-- The same wish twice is one alert, which lives longer.
create unique index alerts_query_key on scheduling.alerts (candidate_id, query) where ended_at is null;
create index on scheduling.alerts (expires_at) where ended_at is null;

-- At most one letter for each alert and session. seen_at: what was there to be found when the alert was made is no news,
-- until it is full and a place comes free again.
create table scheduling.alert_notices (
    alert_id   uuid not null references scheduling.alerts on delete cascade,
    session_id uuid not null references scheduling.sessions on delete cascade,
    seen_at    timestamptz not null,
    told_at    timestamptz,
    primary key (alert_id, session_id)
);
create index on scheduling.alert_notices (session_id);

-- Five at a time: enough for one's trades, and no way to have the whole calendar sent home.
create function scheduling.guard_alert() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform from assessments.candidates c where c.id = new.candidate_id for update;
    if (select count(*) from scheduling.alerts a
        where a.candidate_id = new.candidate_id and a.ended_at is null and a.expires_at > new.created_at
          and a.query <> new.query) >= 5 then
        perform service.refuse('too_many_alerts');
    end if;
    return new;
end $$;
create trigger guard before insert on scheduling.alerts for each row execute function scheduling.guard_alert();
