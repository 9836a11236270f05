-- Who sees what was asked to be corrected: the candidate. Reception and whoever follows a link act through the house, after
-- their reach, or the token, was held against it.
select service.protect('service.rectifications', '{house}');
create policy own on service.rectifications to preuve_application
    using (candidate_id = (select service.acting_candidate()));
