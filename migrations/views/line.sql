-- The one order of every waiting list, with its reasons; the page /waiting/rule says the same in words.
--
-- 1. Groups of the configuration go first, in their order; turned away only who was through no fault of their own, which is
--    what the priority of that booking says (scheduling/turnings_away.py).
-- 2. Then by the calendar week (of Brussels) in which they joined: who has waited longer goes first.
-- 3. Within one week by how many possibilities they leave open (half-days × languages × centres): who can come at few
--    moments goes first, because every other place would pass them by. So being choosy gains a week at most.
-- 4. Then by the moment they joined.
--
-- It counts everybody who waits, and shows of them those within its reader's reach.
create view scheduling.waiting_line with (security_invoker = false, security_barrier = true) as
select * from (
select l.*, row_number() over (partition by l.unit_id
                               order by l.group_position nulls last, l.week, l.possibilities, l.joined_at, l.id) as place,
       count(*) over (partition by l.unit_id) as length
from (
    select w.id, w.unit_id, w.candidate_id, w.joined_at, g.name as priority, g.position as group_position,
           date_trunc('week', w.joined_at at time zone 'Europe/Brussels')::date as week,
           (cardinality(w.mornings) + cardinality(w.afternoons)) * cardinality(w.languages)
               * coalesce(cardinality(w.centres), (select count(*) from scheduling.centres)) as possibilities
    from scheduling.waiting w
    join assessments.candidates c on c.id = w.candidate_id and c.erased_at is null
    left join lateral (
        select p.name, p.position from scheduling.priority_groups p
        where case when p.name in ('jobseeker', 'worker') then c.status = p.name
                   else p.name = (select case when n.booking_id is not null then 'new_test'
                                              when b.release <> 'turned_away' or r.booking_id is not null then b.release end
                                  from scheduling.bookings b
                                  left join assessments.new_tests n on n.booking_id = b.id
                                  left join scheduling.priorities r on r.booking_id = b.id
                                  where b.candidate_id = w.candidate_id and b.unit_id = w.unit_id and b.confirmed_at is not null
                                  order by b.booked_at desc, b.id limit 1) end
        order by p.position limit 1) g on true
    where w.left_at is null) l) all_of_them
where current_user <> 'preuve_application' or service.acting_role() in ('house', 'administrator')
   or candidate_id = service.acting_candidate() or service.plans() and scheduling.waits_for_my_centre(candidate_id);

-- Who is asked for a session's free seat, in the order of the list: it answers what they wait for, nothing else stands in
-- their way, and they have not let this very session pass before.
create function scheduling.willing(a_session uuid, moment timestamptz)
returns table (waiting_id uuid, candidate_id uuid, place bigint) language sql stable begin atomic
    select l.id, l.candidate_id, l.place
    from scheduling.waiting_line l
    join scheduling.waiting w on w.id = l.id
    join scheduling.sessions s on s.id = a_session
    where scheduling.answers(s, w)
      and not exists (select from scheduling.booking_refusals(l.candidate_id, s.id, moment) r where r <> 'session_full')
      and not exists (select from scheduling.bookings b
                      where b.waiting_id = w.id and b.session_id = s.id and (b.released_at is not null
                            or scheduling.lapsed(b, moment)))
    order by l.place;
end;
