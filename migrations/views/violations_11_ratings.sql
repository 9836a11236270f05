-- 11. A submitted recording rates everything its grid asks for, and as its entries say; what was not observed has its
-- reason; and a proposal is what the ratings give, marked here a second time by the rules of assessments/marking.py.
create view service.violations_11_ratings (subject, detail, since) as
with expected as (
    select st.id as standard_id, r.role, c.value ->> 'code' as criterion, (c.value ->> 'threshold')::int as threshold,
           i.value ->> 'code' as indicator, coalesce((i.value ->> 'eliminatory')::boolean, false) as eliminatory,
           coalesce((c.value ->> 'weight')::int, 0) as weight, coalesce((st.grid ->> 'pass_percent')::int, 0) as needed
    from assessments.standards st
    cross join lateral jsonb_array_elements(st.grid -> 'criteria') c
    cross join lateral jsonb_array_elements(c.value -> 'indicators') i
    cross join (values ('evaluator'), ('observer')) r (role)
    union all
    select st.id, 'observer', null, null, k.value ->> 'code', false, 0, 0
    from assessments.standards st cross join lateral jsonb_array_elements(coalesce(st.grid -> 'conformity', '[]')) k),
submitted as (
    select r.id, r.booking_id, r.role, s.standard_id
    from assessments.recordings r
    join scheduling.bookings b on b.id = r.booking_id
    join scheduling.sessions s on s.id = b.session_id
    where r.submitted_at is not null),
marks as (   -- of several evaluators as of one: where they differ, it was not observed
    select d.id, e.criterion, e.threshold, e.eliminatory, e.indicator, e.weight, e.needed,
           case when count(g.rating) = count(*) and min(g.rating) = max(g.rating) then min(g.rating)
                else 'not_observed' end as mark
    from assessments.deliberations d
    join submitted r on r.booking_id = d.booking_id and r.role = 'evaluator'
    join expected e on e.standard_id = r.standard_id and e.role = r.role
    left join assessments.ratings g on g.recording_id = r.id and g.indicator = e.indicator
    group by d.id, e.criterion, e.threshold, e.eliminatory, e.indicator, e.weight, e.needed),
criteria as (
    select id, weight, needed, bool_or(eliminatory and mark = 'not_met') as eliminated,
           bool_or(eliminatory and mark = 'not_observed') as unsafe,
           case when bool_or(eliminatory and mark = 'not_met')
                      or count(*) filter (where mark <> 'not_met') < threshold then 'not_met'
                    when bool_or(eliminatory and mark = 'not_observed')
                      or count(*) filter (where mark = 'met') < threshold then 'undecided'
                    else 'met' end as state
    from marks group by id, criterion, threshold, weight, needed),
proposals as (   -- by the weights, where the grid says what share of them a pass needs
    select id, case when max(needed) = 0 or sum(weight) = 0 then
               case when bool_or(state = 'not_met') then 'fail'
                    when bool_or(state = 'undecided') then 'undecided' else 'pass' end
               when bool_or(eliminated)
                    or 100 * coalesce(sum(weight) filter (where state <> 'not_met'), 0) < max(needed) * sum(weight) then 'fail'
               when bool_or(unsafe)
                    or 100 * coalesce(sum(weight) filter (where state = 'met'), 0) < max(needed) * sum(weight) then 'undecided'
               else 'pass' end as proposal
    from criteria group by id)
select r.id::text, format('%s is not rated', e.indicator), '-infinity'::timestamptz
from submitted r
join expected e on e.standard_id = r.standard_id and e.role = r.role
left join assessments.ratings g on g.recording_id = r.id and g.indicator = e.indicator
where g.recording_id is null
union all
select recording_id::text, format('%s was not observed, and no reason is given', indicator), '-infinity'
from assessments.ratings where rating = 'not_observed' and btrim(reason) = ''
union all
select r.id::text, format('%s is rated otherwise than its entries say', g.indicator), '-infinity'
from submitted r
join assessments.recordings o on o.id = r.id
join assessments.ratings g on g.recording_id = r.id
where exists (select from assessments.entries_that_count(o.booking_id, o.assessor_id) c
              where c.indicator = g.indicator and c.rating is distinct from g.rating)
union all
select d.id::text, format('proposed %s, the ratings give %s', d.proposal, p.proposal), '-infinity'
from assessments.deliberations d join proposals p on p.id = d.id
where d.proposal <> p.proposal
union all
select e.id::text, 'corrected after the jury had deliberated', '-infinity'
from assessments.entries e join assessments.deliberations l on l.booking_id = e.booking_id
where e.kind = 'correction' and e.received_at > l.deliberated_at;
