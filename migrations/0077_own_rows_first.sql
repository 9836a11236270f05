-- An assessor's own rows are let in by the policy `own`. That of unsealed rows looks at what is another's only, and asks
-- whether it is unsealed last: a rating that is written reads each of its author's entries many times, and PostgreSQL
-- asked for each of them whether the whole jury had submitted.
alter policy unsealed on assessments.entries
    using (assessor_id is distinct from (select service.acting_assessor()) and (
        (select service.acting_role()) = 'administrator'
        or (select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id)
        or (select service.acting_assessor()) is not null
            and (scheduling.is_test_before_my_jury(booking_id) or assessments.is_mine_to_review(booking_id)))
        and assessments.is_unsealed(booking_id));
alter policy unsealed on assessments.photos
    using (assessor_id is distinct from (select service.acting_assessor()) and (
        (select service.acting_role()) = 'administrator'
        or (select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id)
        or (select service.acting_assessor()) is not null
            and (scheduling.is_test_before_my_jury(booking_id) or assessments.is_mine_to_review(booking_id)))
        and assessments.is_unsealed(booking_id));
alter policy unsealed on assessments.recordings
    using (assessor_id is distinct from (select service.acting_assessor()) and submitted_at is not null and (
        (select service.acting_role()) = 'administrator'
        or (select service.acting_role()) in ('manager', 'auditor') and scheduling.is_test_of_my_centre(booking_id)
        or (select service.acting_assessor()) is not null
            and (scheduling.is_test_before_my_jury(booking_id) or assessments.is_mine_to_review(booking_id)))
        and assessments.is_unsealed(booking_id));
