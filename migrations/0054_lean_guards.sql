-- The same rules at a fraction of the cost: what every booking asks for several times is compiled once for a connection.
--
-- A function in SQL that PostgreSQL cannot put into its caller is read from the catalogue, parsed and planned again with
-- each statement: 50 µs where the answer takes two.

create or replace function scheduling.widened(during tstzrange, before_minutes int, after_minutes int) returns tstzrange
language plpgsql immutable strict parallel safe as $$ begin
    return tstzrange(lower(during) - make_interval(mins => before_minutes),
                     upper(during) + make_interval(mins => after_minutes), '[)');
end $$;

create or replace function scheduling.extra_minutes(a_candidate uuid, test_time tstzrange) returns int
language plpgsql stable as $$
declare
    percent int;
begin
    select max(a.extra_percent) into percent from assessments.accommodations a
        where a.candidate_id = a_candidate and a.granted_at is not null;
    return coalesce(ceil(extract(epoch from upper(test_time) - lower(test_time)) / 60 * percent / 100)::int, 0);
end $$;

create or replace function assessments.needs_ground_floor(a_candidate uuid) returns boolean
language plpgsql stable as $$ begin
    return exists (select from assessments.accommodations a
                   where a.candidate_id = a_candidate and a.measure = 'ground_floor' and a.granted_at is not null);
end $$;

-- Coming places that a person holds. "= any" because the index of the constraint against overlaps (GiST) cannot answer it:
-- to look for a candidate alone it reads far more than the one of the candidate's units, and PostgreSQL sees no difference.
create or replace function scheduling.places_held(a_candidate uuid) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$ begin
    return (select count(*) from scheduling.bookings b
            where b.candidate_id = any (array[a_candidate]) and b.released_at is null and b.attended_at is null
              and b.closed_at is null);
end $$;
