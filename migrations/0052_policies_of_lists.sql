-- Whose the lists are: a centre's planners see and order its imports; whom a centre brought it sees, as it sees whom it tests.

select service.protect(t) from unnest('{service.imports, service.import_lines, service.external_references}'::regclass[]) t;
select service.protect('scheduling.busy_calendars', '{house}');

create policy centre on service.imports to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy centre on service.import_lines to preuve_application
    using ((select service.plans()) and exists (
        select from service.imports i where i.id = import_id and i.centre_id = (select service.acting_centre())));
create policy centre on service.external_references for select to preuve_application
    using ((select service.plans()) and centre_id = (select service.acting_centre()));
create policy own on scheduling.busy_calendars to preuve_application
    using (assessor_id = (select service.acting_assessor()));

create policy brought on assessments.candidates for select to preuve_application
    using ((select service.plans()) and exists (
        select from service.external_references x
        where x.kind = 'candidates' and x.centre_id = (select service.acting_centre()) and x.subject_id = candidates.id));
