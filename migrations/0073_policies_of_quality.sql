-- Row security of what quality brought: bundles (0070), screenings (0071), recognitions and fees (0072).

-- A bundle is seen by whoever asked for it; the worker makes it.
select service.protect('service.bundles', '{house}');
create policy own on service.bundles to preuve_application
    using (asked_by = (select service.acting_account()));

-- What is recommended: by the jury or the centre, read by the candidate with the profile.
select service.protect('assessments.recommendations');
create policy centre on assessments.recommendations to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));
create policy centre_reads on assessments.recommendations for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id));
create policy jury on assessments.recommendations to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_test_before_my_jury(booking_id));
create policy told on assessments.recommendations for select to preuve_application
    using ((select service.acting_candidate()) is not null
           and scheduling.is_my_test(booking_id) and assessments.is_told(booking_id));

-- The result is the centre's, and its candidate's once it is released; what was paid is nobody else's business.
select service.protect(t) from unnest('{assessments.recognitions, assessments.fees}'::regclass[]) t;
create policy centre on assessments.recognitions to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));
create policy centre_reads on assessments.recognitions for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id));
create policy jury on assessments.recognitions for select to preuve_application
    using ((select service.acting_assessor()) is not null and scheduling.is_test_before_my_jury(booking_id));
create policy told on assessments.recognitions for select to preuve_application
    using (released_at is not null and (select service.acting_candidate()) is not null
           and scheduling.is_my_test(booking_id));
create policy centre on assessments.fees to preuve_application
    using ((select service.acting_role()) = 'manager' and scheduling.is_test_of_my_centre(booking_id));
create policy centre_reads on assessments.fees for select to preuve_application
    using ((select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id));
create policy own on assessments.fees for select to preuve_application
    using ((select service.acting_candidate()) is not null and scheduling.is_my_test(booking_id));
