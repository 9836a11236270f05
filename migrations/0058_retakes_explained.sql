-- The wait that a scheme asks for after a failure, as a day that can be said.

-- From which day on a candidate may take the unit of a session again; null where nothing makes them wait. In plpgsql,
-- because what it reads comes with later files.
create function scheduling.retake_day(a_candidate uuid, a_session uuid) returns date language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select assessments.retake_from(a_candidate, s.unit_id, k.retake_wait_days) + 1
            from scheduling.sessions s
            join assessments.units u on u.id = s.unit_id
            join assessments.trades t on t.id = u.trade_id
            join assessments.schemes k on k.code = t.scheme
            where s.id = a_session and k.retake_wait_days > 0);
end $$;

