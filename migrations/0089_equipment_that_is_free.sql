-- Why not? What a session has of equipment is as much as it has seats, so that equipment seemed to be short in every full
-- session. What would let it have more is what it has and what is free in the centre at that time.
create or replace function scheduling.seat_limits(a_session uuid) returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$ begin
    return (select jsonb_strip_nulls(jsonb_build_object(
                'room', r.stations,
                'evaluator', st.candidates_per_evaluator * (
                    select count(*) from scheduling.jury_seats j
                    where j.session_id = s.id and j.role = 'evaluator' and j.released_at is null),
                'equipment', case when st.equipment_kind is not null then (
                    select count(*) from scheduling.equipment e
                    where e.centre_id = s.centre_id and e.kind = st.equipment_kind and e.retired_at is null
                      and not exists (select from scheduling.equipment_reservations q
                                      where q.equipment_id = e.id and q.session_id <> s.id and q.released_at is null
                                        and q.during && s.occupied)) end))
            from scheduling.sessions s join scheduling.rooms r on r.id = s.room_id
            join assessments.standards st on st.id = s.standard_id where s.id = a_session);
end $$;
