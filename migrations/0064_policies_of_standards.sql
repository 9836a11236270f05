-- Who sees what of the catalogue's pictures and of what is valid for a time. A planner learns that something lapses, a
-- manager records it; an assessor sees their own.

-- The assessors a centre answers for: its own, those from outside, and those who have a seat in one of its juries.
create function assessments.is_answered_for(an_assessor uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return exists (select from assessments.assessors a where a.id = an_assessor
                     and (a.centre_id is null or service.is_my_centre(a.centre_id)))
        or exists (select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                   where j.assessor_id = an_assessor and j.released_at is null and service.is_my_centre(s.centre_id));
end $$;

-- Whether a paper proves something of the actor's centre, of somebody it answers for, or of the actor.
create function assessments.is_paper_in_reach(a_document uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
    plans boolean := service.plans();
    me    uuid := service.acting_assessor();
begin
    return exists (select from assessments.accreditations a
                   where a.document_id = a_document and plans and service.is_my_centre(a.centre_id))
        or exists (select from assessments.qualifications q where q.document_id = a_document
                     and (q.assessor_id = me or (plans and assessments.is_answered_for(q.assessor_id))))
        or exists (select from assessments.undertakings v where v.document_id = a_document
                     and (v.assessor_id = me or (plans and assessments.is_answered_for(v.assessor_id))));
end $$;

-- Whoever fills a jury learns which rule is in the way, not what somebody declared.
alter function assessments.undertaking_missing(uuid, uuid, tstzrange) security definer set search_path = pg_catalog, pg_temp;

select service.protect(t) from unnest('{assessments.pictures, assessments.documents, assessments.undertakings,
    service.lapse_notices}'::regclass[]) t;

create policy public on assessments.pictures for select to preuve_application
    using ((select service.acting_role()) is not null);
create policy centre on assessments.qualifications to preuve_application
    using ((select service.plans()) and assessments.is_answered_for(assessor_id));
create policy own on assessments.undertakings for select to preuve_application
    using (assessor_id = (select service.acting_assessor()));
create policy centre on assessments.undertakings to preuve_application
    using ((select service.plans()) and assessments.is_answered_for(assessor_id));
create policy mine on assessments.documents to preuve_application
    using (received_by = (select service.acting_account()));
create policy reach on assessments.documents for select to preuve_application
    using ((select service.acting_role()) is not null and assessments.is_paper_in_reach(id));
create policy centre on service.lapse_notices for select to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
