-- Row security of what comes after a test: mediations, new tests, complaints; and what 0065 and 0067 look up for all.

select service.protect(t) from unnest('{assessments.mediations, assessments.new_tests,
    assessments.complaints}'::regclass[]) t;

create policy own on assessments.mediations for select to preuve_application
    using ((select service.acting_candidate()) is not null
           and exists (select from assessments.appeals a where a.id = appeal_id));
create policy centre_reads on assessments.mediations for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor')
           and exists (select from assessments.appeals a where a.id = appeal_id));
create policy review on assessments.mediations to preuve_application
    using ((select service.acting_assessor()) is not null and exists (
        select from assessments.appeal_reviewers w
        where w.appeal_id = mediations.appeal_id and w.assessor_id = (select service.acting_assessor())));

create policy own on assessments.new_tests for select to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
create policy centre on assessments.new_tests to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));
create policy centre_reads on assessments.new_tests for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id));
create policy jury on assessments.new_tests for select to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_test_before_my_jury(booking_id));
create policy review on assessments.new_tests to preuve_application
    using ((select service.acting_assessor()) is not null and assessments.is_mine_to_review(booking_id));

create policy own on assessments.complaints to preuve_application
    using (candidate_id = (select service.acting_candidate()));
create policy centre on assessments.complaints to preuve_application
    using ((select service.acting_role()) = 'manager' and centre_id = (select service.acting_centre()));

-- Who complained to a centre is known there by name, also without a test in it.
create function assessments.complained_to_my_centre(a_candidate uuid) returns boolean language plpgsql stable
security definer set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from assessments.complaints c
                   where c.candidate_id = a_candidate and c.centre_id = service.acting_centre());
end $$;
create policy complaint on assessments.candidates for select to preuve_application
    using ((select service.acting_role()) = 'manager' and assessments.complained_to_my_centre(id));

-- A candidate changes one thing of an appeal: takes it back.
drop trigger only_lock on assessments.appeals;
create trigger only_lock before update on assessments.appeals for each row
    when (new.outcome is distinct from 'withdrawn'
          or to_jsonb(new) - '{answered_at,outcome}'::text[] is distinct from to_jsonb(old) - '{answered_at,outcome}'::text[])
    execute function service.only_lock('candidate', 'reception', 'auditor');

-- Ties, seats and reviews are looked for among all there are, whoever asks; the answer is a yes or a no.
alter function assessments.had_a_part(uuid, uuid) security definer set search_path = pg_catalog, pg_temp;
alter function assessments.jury_is_tied(uuid) security definer set search_path = pg_catalog, pg_temp;
