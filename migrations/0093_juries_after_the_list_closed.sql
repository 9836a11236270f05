-- A list is closed over a whole jury (0008_guards.sql, invariant 4), and until now a seat of it could be freed the next minute:
-- the convocations were out, and nobody noticed before the test began. Who leaves is replaced in the same transaction. Counted
-- are roles; whether each is qualified was asked when they were seated, and is asked again at the start.
create function scheduling.guard_closed_list() returns trigger language plpgsql as $$
begin
    perform from scheduling.sessions s where s.id = new.session_id for no key update;  -- two who leave at a time are counted
    if exists (select from scheduling.sessions s
               join assessments.units u on u.id = s.unit_id
               join assessments.trades t on t.id = u.trade_id
               join assessments.schemes k on k.code = t.scheme
               cross join lateral (
                   select count(*) filter (where j.role = 'evaluator') as evaluators,
                          count(*) filter (where j.role = 'observer') as observers,
                          count(*) filter (where j.role = 'manager') as managers
                   from scheduling.jury_seats j where j.session_id = s.id and j.released_at is null) jury
               where s.id = new.session_id and s.locked_at is not null and s.started_at is null and s.cancelled_at is null
                 and (jury.evaluators < k.evaluators_min or jury.observers < k.observers_min
                      or jury.managers < k.manager_required::int)) then
        perform service.refuse('jury_incomplete');
    end if;
    return null;
end $$;
create constraint trigger guard_closed_list after update of released_at on scheduling.jury_seats
    deferrable initially deferred for each row execute function scheduling.guard_closed_list();
