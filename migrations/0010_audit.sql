-- The audit trail: every change of what concerns a person or a centre, and every reading of a person's file by staff, in
-- the transaction that did it; only ever added to, and sealed into a Merkle log by one sequencer.
--
-- An entry has an open part, which stays, and a private one, which the person's erasure blanks: whom and what it was
-- about. The log's leaf is made of the open part and a salted hash of the private one (its commitment), so that an entry
-- without its private part can still be verified, and what it said cannot be guessed.

create table service.audit (
    id           bigint generated always as identity,
    transaction  xid8 not null default pg_current_xact_id(),  -- the sequencer waits for those that are still running
    at           timestamptz not null default now(),          -- the database's clock: nobody's word for it
    actor        uuid,                                        -- an account; null: the house itself
    role         text,
    action       text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
    centre_id    uuid,                                        -- the centre it belongs to; of a reading, the reader's
    subject      text not null,                               -- a table …
    subject_id   uuid,                                        -- … and its row (private)
    candidate_id uuid,                                        -- the person it concerns (private)
    changes      jsonb default '{}',                          -- {column: [before, after]}, [] where no value is kept (private)
    salt         bytea default uuid_send(gen_random_uuid()),
    commitment   bytea check (length(commitment) = 32),       -- once erased
    primary key (transaction, id),
    check ((salt is null) = (commitment is not null)),
    check ((salt is null) = (changes is null)),
    check (salt is not null or (subject_id is null and candidate_id is null))
);
create index on service.audit (candidate_id, id) where candidate_id is not null;

-- A batch of entries in the order of the log, with their leaves. `size` counts the log's leaves up to here; signed are
-- size, root, through and sealed_at. `peaks`: the roots of the perfect subtrees, from which the log goes on.
create table service.audit_seals (
    size      bigint primary key check (size > 0),
    entries   bigint[] not null check (cardinality(entries) > 0),
    leaves    bytea not null check (length(leaves) = 32 * cardinality(entries)),
    peaks     bytea not null,
    root      bytea not null check (length(root) = 32),
    through   xid8 not null,                                  -- the transaction of the last entry
    sealed_at timestamptz not null,
    signature bytea not null check (length(signature) = 64)
);

-- An entry changes once, when its private part is blanked. What was to stay, and whether the commitment is true, is seen
-- by `preuve audit verify`; so is what is done with this trigger switched off.
create function service.keep_audit() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and tg_table_name = 'audit' then
        if old.salt is not null and new.salt is null
           and (new.id, new.transaction, new.at, new.actor, new.role, new.action, new.centre_id, new.subject)
               is not distinct from
               (old.id, old.transaction, old.at, old.actor, old.role, old.action, old.centre_id, old.subject) then
            return new;
        end if;
    end if;
    raise exception 'the audit trail is only ever added to' using errcode = 'check_violation';
end $$;
create trigger keep before update or delete on service.audit for each row execute function service.keep_audit();
create trigger keep_all before truncate on service.audit for each statement execute function service.keep_audit();
create trigger keep before update or delete on service.audit_seals for each row execute function service.keep_audit();
create trigger keep_all before truncate on service.audit_seals for each statement execute function service.keep_audit();

-- Who acts, until this transaction ends; nobody: the house.
create function service.acting(actor uuid, role text) returns void language sql as $$
    select set_config('preuve.actor', coalesce(actor::text, ''), true), set_config('preuve.role', coalesce(role, ''), true)
$$;

-- What an application's role may do with the trail: add, read, and blank private parts. The owner of the tables calls it.
create function service.grant_audit(application name) returns void language plpgsql as $$
begin
    execute format('revoke all on service.audit, service.audit_seals from %I', application);
    execute format('grant select, insert on service.audit, service.audit_seals to %I', application);
    execute format('grant update (subject_id, candidate_id, changes, salt, commitment) on service.audit to %I', application);
end $$;

-- Writes one entry for a changed row. Its arguments: what a row is called, then the columns whose values are kept beside
-- those that end in _at, _by and _id; of all others, new ones included, only the name is kept.
--
-- The action is what came to pass: the moment that was set ("booking.released"), else added, changed or removed.
create function service.record_change() returns trigger language plpgsql as $$
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

-- What is watched. Values that say how a person is, lives, or did (names, addresses, measures, votes, outcomes, reasons)
-- are not kept.
--
-- Of a session all but its counter and its longest extra time: those follow from the bookings, in whose statement they
-- change, and there the function would cost a place its microseconds. Another column of the table belongs in this list.
create trigger audit after insert or delete or update of centre_id, room_id, unit_id, standard_id, language, test_time,
        setup_minutes, teardown_minutes, seats, planned_at, planned_by, opened_at, opened_by, locked_at, locked_by, started_at,
        started_by, ended_at, ended_by, closed_at, cancelled_at, cancelled_by, cancellation
    on scheduling.sessions for each row execute function service.record_change(
        'session', 'language', 'test_time', 'setup_minutes', 'teardown_minutes', 'seats');
create trigger audit after insert or update or delete on scheduling.jury_seats
    for each row execute function service.record_change('jury_seat', 'role', 'during');
create trigger audit after insert or update or delete on scheduling.bookings
    for each row execute function service.record_change('booking', 'test_time', 'release');

create trigger audit after insert or update or delete on assessments.accreditations
    for each row execute function service.record_change('accreditation', 'valid', 'reference');
create trigger audit after insert or update or delete on assessments.candidates
    for each row execute function service.record_change('candidate');
create trigger audit after insert or update or delete on assessments.assessors
    for each row execute function service.record_change('assessor');
create trigger audit after insert or update or delete on assessments.qualifications
    for each row execute function service.record_change('qualification', 'role', 'valid');
create trigger audit after insert or update or delete on assessments.links
    for each row execute function service.record_change('link');
create trigger audit after insert or update or delete on assessments.enrolments
    for each row execute function service.record_change('enrolment');
create trigger audit after insert or update or delete on assessments.accommodations
    for each row execute function service.record_change('accommodation');
create trigger audit after insert or update or delete on assessments.deliberations
    for each row execute function service.record_change('deliberation');
create trigger audit after insert or update or delete on assessments.decisions
    for each row execute function service.record_change('decision', 'profile', 'revises');
create trigger audit after insert or update or delete on assessments.profiles
    for each row execute function service.record_change('profile');
create trigger audit after insert or update or delete on assessments.appeals
    for each row execute function service.record_change('appeal', 'due_on');
create trigger audit after insert or update or delete on assessments.appeal_reviewers
    for each row execute function service.record_change('appeal_reviewer');

-- Of a recording its submission, and whatever is done to it afterwards: until then it is its author's draft.
create trigger audit after update on assessments.recordings for each row
    when (new.submitted_at is not null or old.submitted_at is not null)
    execute function service.record_change('recording', 'role', 'digest');
create trigger audit_removal after delete on assessments.recordings
    for each row execute function service.record_change('recording', 'role', 'digest');

create trigger audit after insert or update or delete on certificates.register
    for each row execute function service.record_change('certificate', 'year', 'number');
create trigger audit after insert or update or delete on service.accounts
    for each row execute function service.record_change('account', 'role');
