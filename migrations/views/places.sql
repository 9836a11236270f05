-- Sessions that take bookings, as everybody may read them: hence with their owner's rights. Row security would keep the
-- search from its index, because PostgreSQL lets no lower(range) see a row before its policy does.
create view scheduling.taking_bookings with (security_invoker = false) as
select s.id, s.centre_id, s.unit_id, s.room_id, s.language::text as language, lower(s.test_time) as starts_at,
       upper(s.test_time) as ends_at, s.seats, s.seats - s.taken as free, r.accessible, i.postcode
from scheduling.sessions s
join scheduling.rooms r on r.id = s.room_id
join scheduling.sites i on i.id = r.site_id
where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null;

-- What is shown of a place beside its session, which a process keeps for as long as the version stays the same.
create view scheduling.surroundings_version with (security_invoker = false) as
select v.version from scheduling.surroundings v;
create view scheduling.unit_shown with (security_invoker = false) as
select u.id, u.code, u.label::jsonb as label, t.label::jsonb as trade_label, t.scheme
from assessments.units u join assessments.trades t on t.id = u.trade_id;
create view scheduling.room_shown with (security_invoker = false) as
select r.id, c.code as centre_code, c.name as centre_name, r.name as room_name, i.street, i.postcode, i.municipality,
       r.accessible
from scheduling.rooms r
join scheduling.sites i on i.id = r.site_id
join scheduling.centres c on c.id = r.centre_id;

-- A place as it is shown; labels as text, because a list says the same few of them again and again.
create view scheduling.places with (security_invoker = false) as
select s.id as session_id, u.code as unit_code, u.label::jsonb::text as unit_label,
       t.label::jsonb::text as trade_label, t.scheme, s.language::text as language,
       lower(s.test_time) as starts_at, upper(s.test_time) as ends_at,
       c.code as centre_code, c.name as centre_name, r.name as room_name,
       i.street, i.postcode, i.municipality, r.accessible, s.seats, s.seats - s.taken as free
from scheduling.sessions s
join scheduling.rooms r on r.id = s.room_id
join scheduling.sites i on i.id = r.site_id
join scheduling.centres c on c.id = s.centre_id
join assessments.units u on u.id = s.unit_id
join assessments.trades t on t.id = u.trade_id
where s.opened_at is not null and s.locked_at is null and s.cancelled_at is null;

-- Whether a moment's weekday (1 = Monday … 7 = Sunday) and half of the day are wished for, by the clocks of Brussels: a
-- morning is over by one o'clock, an afternoon begins at noon or later.
create or replace function scheduling.suits(starts_at timestamptz, ends_at timestamptz, weekdays int[], half text) returns boolean
language sql stable return
    (weekdays is null or extract(isodow from starts_at at time zone 'Europe/Brussels')::int = any (weekdays))
    and case half when 'morning' then (ends_at at time zone 'Europe/Brussels')::time <= time '13:00'
                                      and service.day(starts_at) = service.day(ends_at)
                  when 'afternoon' then (starts_at at time zone 'Europe/Brussels')::time >= time '12:00'
                  else true end;

-- What answers a wish, soonest first, at most so many (null: all); null asks for anything. Planned anew for each wish:
-- the one plan that would be kept for all of them takes a hundred times as long for the most common one. Few rows, so that
-- what is shown of them is looked up by their ids.
create or replace function scheduling.wanted(moment timestamptz, units uuid[], a_language text, a_centre uuid, since timestamptz,
                                             until timestamptz, weekdays int[], half text, must_be_accessible boolean,
                                             must_be_free boolean, postcodes text[], most int default null)
returns setof scheduling.taking_bookings language plpgsql stable rows 20 set plan_cache_mode = force_custom_plan as $$
begin
    return query
    select o.* from scheduling.taking_bookings o
    where o.starts_at > moment and (units is null or o.unit_id = any (units)) and (a_language is null or o.language = a_language)
      and (a_centre is null or o.centre_id = a_centre)
      and o.starts_at >= coalesce(since, moment) and o.starts_at < coalesce(until, 'infinity')
      and (o.accessible or not must_be_accessible) and (o.free > 0 or not must_be_free)
      and (postcodes is null or o.postcode = any (postcodes))
      and scheduling.suits(o.starts_at, o.ends_at, weekdays, half)
    order by o.starts_at, o.id limit most;
end $$;
