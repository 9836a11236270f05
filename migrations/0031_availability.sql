-- When assessors can come: a dated yes or no beside the weekly pattern, times imported from a calendar of their own, how
-- many sessions they take, and how long they travel between two sites.

create table scheduling.availability_exceptions (
    id           uuid primary key default gen_random_uuid(),
    assessor_id  uuid not null references assessments.assessors,
    during       tstzrange not null check (not isempty(during) and isfinite(lower(during)) and isfinite(upper(during))),
    can_come     boolean not null,
    said_at      timestamptz not null,
    said_by      uuid,
    withdrawn_at timestamptz
);
create index on scheduling.availability_exceptions using gist (assessor_id, during) where withdrawn_at is null;

-- Of an imported calendar only when it is busy: no titles, no places. The next import takes the place of the last.
create table scheduling.busy_times (
    id          uuid primary key default gen_random_uuid(),
    assessor_id uuid not null references assessments.assessors,
    during      tstzrange not null check (not isempty(during)),
    imported_at timestamptz not null
);
create index on scheduling.busy_times using gist (assessor_id, during);

-- At most so many sessions on one day, and from Monday to Sunday. Null: no limit.
create table scheduling.assessor_limits (
    assessor_id       uuid primary key references assessments.assessors,
    sessions_per_day  int check (sessions_per_day between 1 and 20),
    sessions_per_week int check (sessions_per_week between 1 and 100),
    changed_at        timestamptz not null,
    changed_by        uuid
);

-- Between two sites, either way. A pair that is not here takes no time that we know of.
create table scheduling.travel_times (
    one_site   uuid not null references scheduling.sites,
    other_site uuid not null references scheduling.sites,
    minutes    int not null check (minutes between 1 and 600),
    primary key (one_site, other_site),
    check (one_site < other_site)
);

create trigger audit after insert or update or delete on scheduling.availability_exceptions
    for each row execute function service.record_change('availability_exception', 'during', 'can_come');
create trigger audit after insert or update or delete on scheduling.assessor_limits
    for each row execute function service.record_change('assessor_limit', 'sessions_per_day', 'sessions_per_week');

-- Why a seat was given against what its holder had said; empty where nothing stood against it.
alter table scheduling.jury_seats add despite text check (btrim(despite) <> '');

-- What an assessor has said against being in this session at that time. Overlaps are a constraint's business; these are
-- objections, which a manager may set aside with a reason. Of the weekly pattern it says nothing: it is an offer.
create function scheduling.seat_objections(an_assessor uuid, a_session uuid, at tstzrange) returns setof text
language sql stable begin atomic
    with others as materialized (
        select j.during, r.site_id from scheduling.jury_seats j
        join scheduling.sessions s on s.id = j.session_id join scheduling.rooms r on r.id = s.room_id
        where j.assessor_id = an_assessor and j.session_id <> a_session and j.released_at is null and j.role <> 'manager'
          and lower(j.during) between lower(at) - interval '8 days' and upper(at) + interval '8 days')
    select r.rule from (values
        (1, 'assessor_away', (
            exists (select from scheduling.availability_exceptions x
                    where x.assessor_id = an_assessor and x.withdrawn_at is null and not x.can_come and x.during && at)
            or exists (select from scheduling.busy_times b where b.assessor_id = an_assessor and b.during && at)
               and not exists (select from scheduling.availability_exceptions x
                               where x.assessor_id = an_assessor and x.withdrawn_at is null and x.can_come
                                 and x.during @> at))),
        (2, 'assessor_over_limit', exists (
            select from scheduling.assessor_limits m where m.assessor_id = an_assessor and (
                m.sessions_per_day <= (select count(*) from others o
                                       where service.day(lower(o.during)) = service.day(lower(at)))
                or m.sessions_per_week <= (
                    select count(*) from others o
                    where date_trunc('week', service.day(lower(o.during))::timestamp)
                        = date_trunc('week', service.day(lower(at))::timestamp))))),
        (3, 'assessor_out_of_reach', exists (
            select from others o
            join scheduling.sessions s on s.id = a_session join scheduling.rooms h on h.id = s.room_id
            join scheduling.travel_times t on t.one_site = least(o.site_id, h.site_id)
                                          and t.other_site = greatest(o.site_id, h.site_id)
            where service.day(lower(o.during)) = service.day(lower(at))
              and o.during && scheduling.widened(at, t.minutes, t.minutes)))
    ) as r (position, rule, stands)
    where r.stands order by r.position;
end;

-- Asked when a seat is given, and again when its session moves; under the assessor's lock, so that two seats that are
-- given at once are both counted.
create function scheduling.guard_seat_objections() returns trigger language plpgsql as $$
declare
    rule text;
begin
    if new.role = 'manager' or new.released_at is not null or new.despite is not null then
        return new;
    end if;
    perform from assessments.assessors a where a.id = new.assessor_id for no key update;
    select r into rule from scheduling.seat_objections(new.assessor_id, new.session_id, new.during) r limit 1;
    if rule is not null then
        perform service.refuse(rule);
    end if;
    return new;
end $$;
create trigger guard_objections before insert on scheduling.jury_seats
    for each row execute function scheduling.guard_seat_objections();
create trigger guard_objections_again before update of during on scheduling.jury_seats
    for each row when (new.during is distinct from old.during) execute function scheduling.guard_seat_objections();
