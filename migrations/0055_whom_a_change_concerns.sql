-- The audit trail of 0010 lost whom an update concerns where the row could name a booking and does not: a complaint about a
-- centre, an ask that was not drawn. The person it concerns did not find it on their page.

create or replace function service.record_change() returns trigger language plpgsql as $$
declare
    derived  constant text[] := '{id,changed_at,sequence,occupied,taken,extra_minutes}';  -- they follow from what is recorded
    fact     jsonb;
    was      jsonb;
    changed  jsonb;
    happened text;
    person   uuid;
    centre   uuid;
begin
    if tg_op = 'UPDATE' then
        fact := to_jsonb(new);
        was := to_jsonb(old);
        select jsonb_object_agg(c.key, case when right(c.key, 3) in ('_at', '_by', '_id') or c.key = any (tg_argv)
                                            then jsonb_build_array(was -> c.key, c.value) else '[]' end),
               max(left(c.key, -3)) filter (where right(c.key, 3) = '_at' and was -> c.key = 'null')
            into changed, happened from jsonb_each(fact - derived) c where c.value is distinct from was -> c.key;
        if changed is null then
            return null;
        end if;
        happened := coalesce(happened, 'changed');
    else
        fact := jsonb_strip_nulls(to_jsonb(coalesce(new, old)));
        select coalesce(jsonb_object_agg(c.key, case
                   when right(c.key, 3) not in ('_at', '_by', '_id') and c.key <> all (tg_argv) then '[]'
                   when tg_op = 'INSERT' then jsonb_build_array(null, c.value)
                   else jsonb_build_array(c.value, null) end), '{}')
            into changed from jsonb_each(fact - derived) c;
        happened := case tg_op when 'INSERT' then 'added' else 'removed' end;
    end if;
    fact := jsonb_strip_nulls(fact);  -- a booking that is not there leads to nobody
    person := fact ->> case tg_table_name when 'candidates' then 'id' else 'candidate_id' end;
    centre := fact ->> 'centre_id';
    if fact ? 'session_id' then
        select s.centre_id into centre from scheduling.sessions s where s.id = (fact ->> 'session_id')::uuid;
    elsif centre is null and fact ?| '{booking_id,decision_id,appeal_id}' then
        select b.candidate_id, s.centre_id into person, centre
            from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
            where b.id = coalesce((fact ->> 'booking_id')::uuid, (
                select d.booking_id from assessments.decisions d where d.id = coalesce((fact ->> 'decision_id')::uuid, (
                    select a.decision_id from assessments.appeals a where a.id = (fact ->> 'appeal_id')::uuid))));
    end if;
    insert into service.audit (actor, role, action, centre_id, subject, subject_id, candidate_id, changes)
    values (nullif(current_setting('preuve.actor', true), '')::uuid, nullif(current_setting('preuve.role', true), ''),
            tg_argv[0] || '.' || happened, centre, tg_table_schema || '.' || tg_table_name,
            coalesce(fact ->> 'id', fact ->> 'appeal_id', fact ->> 'assessor_id')::uuid, person, changed);
    return null;
end $$;
