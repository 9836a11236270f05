-- A candidate reads no assessor, and a reviewer not the rest of the panel; of who leads the meeting about an appeal of
-- theirs they read the name, and nothing else. Null where none is planned, to anybody else, and once the leader was erased.
create function assessments.mediation_leader(an_appeal uuid) returns text language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select p.given_name || ' ' || p.family_name from assessments.mediations m
            join assessments.assessors p on p.id = m.led_by and p.erased_at is null
            join assessments.appeals a on a.id = m.appeal_id
            join assessments.decisions d on d.id = a.decision_id
            where m.appeal_id = an_appeal
              and (service.acting_role() in ('house', 'administrator') or d.candidate_id = service.acting_candidate()
                   or (service.acting_role() = 'manager' and scheduling.is_test_of_my_centre(d.booking_id))
                   or assessments.is_mine_to_review(d.booking_id)));
end $$;
