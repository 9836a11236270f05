-- Who: candidates, assessors, what ties them, and a candidate's file for a unit.

create table assessments.candidates (
    id            uuid primary key default gen_random_uuid(),
    given_name    text not null check (given_name <> ''),
    family_name   text not null check (family_name <> ''),
    birth_date    date not null,
    email         text not null,
    phone         text,
    language      service.language not null,
    status        text not null check (status in ('jobseeker', 'worker', 'self_employed', 'learner', 'other')),
    gender        text check (gender in ('f', 'm', 'x')),
    municipality  text,
    registered_at timestamptz not null,
    erased_at     timestamptz
);
create unique index candidate_email_known on assessments.candidates (lower(email)) where erased_at is null;

-- Everyone who may sit on a jury. centre_id: the centre that employs them; null for people of the trade from outside.
-- A person who is both assessor and candidate carries the same id in both tables.
create table assessments.assessors (
    id            uuid primary key default gen_random_uuid(),
    given_name    text not null check (given_name <> ''),
    family_name   text not null check (family_name <> ''),
    email         text not null,
    employer      text,
    centre_id     uuid references scheduling.centres,
    languages     text[] not null check (languages <@ array['fr', 'nl', 'en', 'de'] and languages <> '{}'),
    registered_at timestamptz not null,
    retired_at    timestamptz
);
create unique index assessor_email_known on assessments.assessors (lower(email)) where retired_at is null;

create table assessments.qualifications (
    assessor_id uuid not null references assessments.assessors,
    trade_id    uuid not null references assessments.trades,
    role        text not null check (role in ('evaluator', 'observer')),
    valid       daterange not null check (not isempty(valid)),
    constraint qualification_overlaps exclude using gist (assessor_id with =, trade_id with =, role with =, valid with &&)
);

create function assessments.qualified(an_assessor uuid, a_trade uuid, a_role text, during tstzrange) returns boolean
language sql stable return exists (
    select from assessments.qualifications q
    where q.assessor_id = an_assessor and q.trade_id = a_trade and q.role = a_role
      and q.valid @> service.day(lower(during)));

-- Kinship and professional links bar from the jury; a teaching link bars from all but the evaluator's seat.
create table assessments.links (
    id           uuid primary key default gen_random_uuid(),
    assessor_id  uuid not null references assessments.assessors,
    candidate_id uuid not null references assessments.candidates,
    kind         text not null check (kind in ('kinship', 'professional', 'teaching')),
    declared_at  timestamptz not null,
    declared_by  uuid,
    ended_at     timestamptz
);
create unique index link_already_declared on assessments.links (candidate_id, assessor_id, kind) where ended_at is null;

create function assessments.conflict(an_assessor uuid, a_candidate uuid, a_role text) returns boolean
language sql stable return exists (
    select from assessments.links l
    where l.candidate_id = a_candidate and l.assessor_id = an_assessor and l.ended_at is null
      and (l.kind <> 'teaching' or a_role <> 'evaluator'));

-- A candidate's file for one unit. Guidance is an advice: nothing here can refuse an enrolment.
create table assessments.enrolments (
    id           uuid primary key default gen_random_uuid(),
    candidate_id uuid not null references assessments.candidates,
    unit_id      uuid not null references assessments.units,
    enrolled_at  timestamptz not null,
    guided_at    timestamptz,
    guided_by    uuid,
    advice       text check (advice in ('favourable', 'reserved', 'unfavourable')),
    withdrawn_at timestamptz,
    constraint already_enrolled unique (candidate_id, unit_id),
    check ((guided_at is null) = (advice is null))
);

-- A measure granted to a candidate, never its medical reason.
create table assessments.accommodations (
    id            uuid primary key default gen_random_uuid(),
    candidate_id  uuid not null references assessments.candidates,
    measure       text not null check (measure in ('extra_time', 'interpreter', 'ground_floor', 'reader', 'other')),
    extra_percent int not null default 0 check (extra_percent between 0 and 100),
    requested_at  timestamptz not null,
    granted_at    timestamptz,
    granted_by    uuid,
    refused_at    timestamptz,
    motivation    text,
    check (granted_at is null or refused_at is null),
    constraint refusal_unmotivated check (refused_at is null or coalesce(btrim(motivation), '') <> '')
);
create index on assessments.accommodations (candidate_id) where granted_at is not null;

-- When an assessor offers time, as a weekly pattern of wall-clock hours in Europe/Brussels.
create table scheduling.availability (
    assessor_id uuid not null references assessments.assessors,
    weekday     int not null check (weekday between 1 and 7),
    opens       time not null,
    closes      time not null check (closes > opens),
    valid       daterange not null,
    primary key (assessor_id, weekday, opens)
);
