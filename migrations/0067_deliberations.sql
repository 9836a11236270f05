-- The jury's ties are asked for once more when it deliberates (ISO/IEC 17024: at the assignment and at the decision); and
-- where the scheme says so nobody is told before the whole session is deliberated.

alter table assessments.schemes add column if not exists release_together boolean not null default false;

-- The lock on the candidate makes a tie that is just being declared wait, or be seen.
create or replace function assessments.guard_deliberation() returns trigger language plpgsql as $$
begin
    perform from scheduling.bookings b where b.id = new.booking_id for no key update;
    perform from assessments.candidates c join scheduling.bookings b on b.candidate_id = c.id
        where b.id = new.booking_id for key share of c;
    if not exists (select from assessments.recordings r
                   where r.booking_id = new.booking_id and r.role = 'evaluator' and r.submitted_at is not null)
       or not exists (select from assessments.recordings r
                      where r.booking_id = new.booking_id and r.role = 'observer' and r.submitted_at is not null)
       or exists (select from assessments.recordings r where r.booking_id = new.booking_id and r.submitted_at is null) then
        perform service.refuse('deliberation_too_early');
    end if;
    if exists (select from assessments.new_tests n where n.booking_id = new.booking_id) then
        perform service.refuse('test_annulled');
    end if;
    if assessments.jury_is_tied(new.booking_id) then
        perform service.refuse('jury_knows_candidate');
    end if;
    return new;
end $$;

-- Of those who attended a session, the tests that nobody has deliberated on, and that still count.
create function assessments.undeliberated(a_session uuid) returns int language sql stable return (
    select count(*)::int from scheduling.bookings b
    where b.session_id = a_session and b.attended_at is not null
      and not exists (select from assessments.deliberations l where l.booking_id = b.id)
      and not exists (select from assessments.new_tests n where n.booking_id = b.id));

create function assessments.guard_release() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.bookings b
               join assessments.units u on u.id = b.unit_id
               join assessments.trades t on t.id = u.trade_id
               join assessments.schemes k on k.code = t.scheme and k.release_together
               where b.id = new.booking_id and assessments.undeliberated(b.session_id) > 0) then
        perform service.refuse('session_undeliberated');
    end if;
    return new;
end $$;
create trigger guard_release before update of released_at on assessments.decisions
    for each row when (old.released_at is null and new.released_at is not null)
    execute function assessments.guard_release();
