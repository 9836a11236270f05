-- The waiting list with the names of what it refers to.
create view service.waiting_entries as
select l.id, l.candidate_id, c.given_name, c.family_name, l.unit_id, u.code as unit_code, u.label::jsonb as unit_label,
       w.centres, array(select x.name from scheduling.centres x where x.id = any (w.centres) order by x.name) as centre_names,
       w.languages, w.earliest, w.latest, w.mornings, w.afternoons, l.joined_at, l.place, l.length, l.priority, l.week,
       l.possibilities
from scheduling.waiting_line l
join scheduling.waiting w on w.id = l.id
join assessments.candidates c on c.id = l.candidate_id
join assessments.units u on u.id = l.unit_id;
