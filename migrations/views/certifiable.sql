-- What would be printed for a decision: read once, when its certificate is issued.
create view certificates.certifiable as
select d.id as decision_id, d.candidate_id, d.unit_id, s.centre_id,
       p.given_name || ' ' || p.family_name as holder_name, p.birth_date, p.language,
       u.code as unit_code, u.label as unit_label, t.label as trade_label, k.label as scheme_label,
       c.name as centre_name, i.municipality, st.version as standard_version,
       service.day(coalesce(l.deliberated_at, lower(s.test_time))) as jury_date, g.result as recognised,
       -- The names of single competences, or of a part; of the whole qualification they say nothing more.
       coalesce((select jsonb_agg(x.criterion -> 'label' order by x.nth)
                 from jsonb_array_elements(st.grid -> 'criteria') with ordinality x (criterion, nth)
                 where g.result <> 'full-qualification' and x.criterion ->> 'code' = any (g.competences)), '[]') as competences
from assessments.decisions d
left join assessments.deliberations l on l.id = d.deliberation_id
left join assessments.recognitions g on g.id = d.recognition_id
join scheduling.bookings b on b.id = d.booking_id
join scheduling.sessions s on s.id = b.session_id
join scheduling.rooms r on r.id = s.room_id
join scheduling.sites i on i.id = r.site_id
join scheduling.centres c on c.id = s.centre_id
join assessments.standards st on st.id = s.standard_id
join assessments.units u on u.id = d.unit_id
join assessments.trades t on t.id = u.trade_id
join assessments.schemes k on k.code = t.scheme
join assessments.candidates p on p.id = d.candidate_id;
