-- What is valid for a time, with the paper that proves it: accreditations, qualifications, declarations of interest,
-- undertakings of confidentiality. Whoever judges is asked for what holds on the day of the test.

-- A paper, kept as it came. When its time is over the content goes, and its hash stays.
create table assessments.documents (
    id          uuid primary key default gen_random_uuid(),
    sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    name        text not null check (length(name) between 1 and 120),
    media_type  text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png')),
    content     bytea check (length(content) between 1 and 5000000),
    received_at timestamptz not null,
    received_by uuid
);

alter table assessments.accreditations
    add column document_id uuid references assessments.documents,
    add column recorded_at timestamptz,
    add column recorded_by uuid;
alter table assessments.qualifications
    add column id          uuid not null unique default gen_random_uuid(),
    add column document_id uuid references assessments.documents,
    add column recorded_at timestamptz,
    add column recorded_by uuid;

-- What an assessor signs: which interests they have (statement; the ties with candidates are in assessments.links), and
-- that they keep what they see to themselves.
create table assessments.undertakings (
    id          uuid primary key default gen_random_uuid(),
    assessor_id uuid not null references assessments.assessors,
    kind        text not null check (kind in ('interest', 'confidentiality')),
    valid       daterange not null check (not isempty(valid)),
    statement   text not null default '' check (length(statement) <= 2000),
    document_id uuid references assessments.documents,
    recorded_at timestamptz not null,
    recorded_by uuid,
    constraint undertaking_overlaps exclude using gist (assessor_id with =, kind with =, valid with &&)
);

-- Which of the two a scheme asks of its juries; so far none does.
alter table assessments.schemes
    add column interest_declared      boolean not null default false,
    add column confidentiality_signed boolean not null default false;

-- The first rule of its scheme that keeps an assessor from a session of that time; null: none does.
create function assessments.undertaking_missing(an_assessor uuid, a_trade uuid, during tstzrange) returns text
language sql stable return (
    select r.rule from assessments.trades t join assessments.schemes k on k.code = t.scheme
    cross join lateral (values
        (1, 'declaration_missing', k.interest_declared and not exists (
            select from assessments.undertakings v
            where v.assessor_id = an_assessor and v.kind = 'interest' and v.valid @> service.day(lower(during)))),
        (2, 'confidentiality_unsigned', k.confidentiality_signed and not exists (
            select from assessments.undertakings v
            where v.assessor_id = an_assessor and v.kind = 'confidentiality' and v.valid @> service.day(lower(during))))
    ) as r (position, rule, broken)
    where t.id = a_trade and r.broken order by r.position limit 1);

create function scheduling.guard_undertakings() returns trigger language plpgsql as $$
declare
    rule text;
begin
    select assessments.undertaking_missing(new.assessor_id, u.trade_id, s.test_time) into rule
        from scheduling.sessions s join assessments.units u on u.id = s.unit_id where s.id = new.session_id;
    if rule is not null then
        perform service.refuse(rule);
    end if;
    return new;
end $$;
create trigger guard_undertakings before insert on scheduling.jury_seats
    for each row execute function scheduling.guard_undertakings();

-- Asked again when the list is closed and when the day changes: a scheme may have begun to ask for it meanwhile.
create function scheduling.guard_undertakings_of_all() returns trigger language plpgsql as $$
declare
    rule text;
begin
    select min(assessments.undertaking_missing(j.assessor_id, u.trade_id, new.test_time)) into rule
        from scheduling.jury_seats j join assessments.units u on u.id = new.unit_id
        where j.session_id = new.id and j.released_at is null;
    if rule is not null then
        perform service.refuse(rule);
    end if;
    return new;
end $$;
create trigger guard_undertakings before update of locked_at, test_time on scheduling.sessions
    for each row when (new.cancelled_at is null and ((old.locked_at is null and new.locked_at is not null)
                                                      or old.test_time <> new.test_time))
    execute function scheduling.guard_undertakings_of_all();

-- A centre is told once a week what will lapse.
create table service.lapse_notices (
    centre_id uuid not null references scheduling.centres,
    week      date not null check (extract(isodow from week) = 1),
    noted_at  timestamptz not null,
    primary key (centre_id, week)
);

create trigger audit after insert or update or delete on assessments.documents
    for each row execute function service.record_change('document', 'sha256', 'media_type');
create trigger audit after insert or update or delete on assessments.undertakings
    for each row execute function service.record_change('undertaking', 'kind', 'valid');
