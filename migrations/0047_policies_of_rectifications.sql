-- Row security of rectifications (0046): a candidate their own; a centre those of who comes to it.

select service.protect('service.rectifications');
create policy own on service.rectifications to preuve_application
    using (candidate_id = (select service.acting_candidate()))
    with check (candidate_id = (select service.acting_candidate()) and carried_out_at is null);
create policy centre on service.rectifications to preuve_application
    using ((select service.receives()) and assessments.comes_to_my_centre(candidate_id));

-- Who has seen the document corrects the date of birth, and nothing else; a candidate all else but date and address.
create policy centre_corrects on assessments.candidates for update to preuve_application
    using ((select service.receives()) and assessments.comes_to_my_centre(id));
create trigger only_dated before update of id, given_name, family_name, email, phone, language, status, gender, municipality,
        registered_at, erased_at
    on assessments.candidates for each row execute function service.only_lock('manager', 'planner', 'reception');
create trigger only_described before update of id, birth_date, email, registered_at, erased_at
    on assessments.candidates for each row execute function service.only_lock('candidate');
