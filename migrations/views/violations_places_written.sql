-- What is kept of units and rooms, to be written in lists of places, is what they are: migrations/0091_places_written.sql
-- writes it anew with each change.
create view service.violations_places_written (subject, detail, since) as
select u.id::text, 'a unit is shown otherwise than it is', '-infinity'::timestamptz
from assessments.units u
join assessments.trades t on t.id = u.trade_id
left join scheduling.units_written w on w.unit_id = u.id
where w.members is distinct from concat('"unit_code":', to_json(u.code), ',"unit_label":', u.label, ',"trade_label":', t.label,
                                        ',"scheme":', to_json(t.scheme))
union all
select r.id::text, 'a room is shown otherwise than it is', '-infinity'
from scheduling.rooms r
join scheduling.sites i on i.id = r.site_id
join scheduling.centres c on c.id = r.centre_id
left join scheduling.rooms_written w on w.room_id = r.id
where w.members is distinct from concat('"centre_code":', to_json(c.code), ',"centre_name":', to_json(c.name),
                                        ',"room_name":', to_json(r.name), ',"street":', to_json(i.street),
                                        ',"postcode":', to_json(i.postcode), ',"municipality":', to_json(i.municipality),
                                        ',"accessible":', to_json(r.accessible));
