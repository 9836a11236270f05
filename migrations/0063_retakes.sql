-- A scheme may ask for some days between a failure and the next test of the same unit.

create function assessments.retake_from(a_candidate uuid, a_unit uuid, wait_days int) returns date language sql stable return (
    select max(service.day(s_time.ended)) + wait_days
    from (select upper(b.test_time) as ended from assessments.decisions d
          join scheduling.bookings b on b.id = d.booking_id
          where d.candidate_id = a_candidate and d.unit_id = a_unit and d.outcome = 'fail'
            and d.released_at is not null and d.superseded_at is null) s_time);

create function scheduling.guard_retake() returns trigger language plpgsql as $$
begin
    if exists (select from assessments.units u join assessments.trades t on t.id = u.trade_id
               join assessments.schemes k on k.code = t.scheme
               where u.id = new.unit_id and k.retake_wait_days > 0
                 and service.day(lower(new.test_time)) <= assessments.retake_from(new.candidate_id, u.id, k.retake_wait_days)) then
        perform service.refuse('retake_too_soon');
    end if;
    return new;
end $$;
create trigger guard_retake before insert on scheduling.bookings
    for each row execute function scheduling.guard_retake();

-- A scheme says in which languages its tests are held; the standard says in which this one is.
create function scheduling.guard_language() returns trigger language plpgsql as $$
begin
    if not exists (select from assessments.units u join assessments.trades t on t.id = u.trade_id
                   join assessments.schemes k on k.code = t.scheme
                   where u.id = new.unit_id and new.language = any (k.languages)) then
        perform service.refuse('language_not_in_scheme');
    end if;
    return new;
end $$;
create trigger guard_language before insert or update of language on scheduling.sessions
    for each row execute function scheduling.guard_language();
