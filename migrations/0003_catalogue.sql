-- What is tested: schemes, trades, units, the versions of their standards, and who is accredited for what.

create table assessments.schemes (
    code                     text primary key check (code ~ '^[a-z_-]{2,30}$'),
    label                    service.label not null,
    evaluators_min           int not null check (evaluators_min >= 1),
    observers_min            int not null check (observers_min >= 0),
    manager_required         boolean not null,
    needs_accreditation      boolean not null,
    issues_certificate       boolean not null,
    result_types             text[] not null,
    minimum_age              int not null check (minimum_age >= 0),
    failures_before_guidance int not null check (failures_before_guidance >= 0),   -- 0: never compulsory
    appeal_days              int not null check (appeal_days >= 0),                -- 0: no appeal
    appeal_answer_days       int not null check (appeal_answer_days >= 0),         -- working days
    decision_profile         text not null check (decision_profile in ('cvdc', 'strict-17024', 'none')),
    fee_cents                int not null check (fee_cents >= 0),
    fee_cents_jobseeker      int not null check (fee_cents_jobseeker >= 0)
);

create table assessments.trades (
    id          uuid primary key default gen_random_uuid(),
    code        text not null unique check (code ~ '^[A-Z]{4}$'),
    centre_code text not null,
    scheme      text not null references assessments.schemes,
    label       service.label not null,
    rome        text not null check (rome ~ '^[A-Z][0-9]{4}$'),
    isco        text not null check (isco ~ '^[0-9]{4}$'),
    esco        uuid not null,
    esco_label  text not null
);

create table assessments.units (
    id       uuid primary key default gen_random_uuid(),
    trade_id uuid not null references assessments.trades,
    code     text not null unique check (code ~ '^[A-Z]{4}-[A-Z0-9]{1,3}$'),
    label    service.label not null,
    proposal boolean not null default false
);
create index on assessments.units (trade_id);

-- A version of a unit's standard. A published one never changes: sessions keep the version they opened with.
create table assessments.standards (
    id                       uuid primary key default gen_random_uuid(),
    unit_id                  uuid not null references assessments.units,
    version                  int not null check (version >= 1),
    duration_minutes         int not null check (duration_minutes between 15 and 720),
    setup_minutes            int not null check (setup_minutes between 0 and 480),
    teardown_minutes         int not null check (teardown_minutes between 0 and 480),
    candidates_per_evaluator int not null check (candidates_per_evaluator between 1 and 50),
    room_kind                text not null,
    equipment_kind           text,
    languages                text[] not null,
    task                     jsonb not null default '{}',
    conditions               jsonb not null default '{}',
    grid                     jsonb not null,
    published_at             timestamptz,
    retired_at               timestamptz,
    unique (unit_id, version),
    unique (id, unit_id)
);

create function assessments.keep_published_standard() returns trigger language plpgsql as $$
begin
    if old.published_at is not null and
       (to_jsonb(new) - 'retired_at') is distinct from (to_jsonb(old) - 'retired_at') then
        perform service.refuse('standard_published');
    end if;
    return new;
end $$;
create trigger keep_published before update on assessments.standards
    for each row execute function assessments.keep_published_standard();

-- An accreditation (agrément) of a centre for a trade; two years as a rule.
create table assessments.accreditations (
    id        uuid primary key default gen_random_uuid(),
    centre_id uuid not null references scheduling.centres,
    trade_id  uuid not null references assessments.trades,
    valid     daterange not null check (not isempty(valid)),
    reference text not null,
    constraint accreditation_overlaps exclude using gist (centre_id with =, trade_id with =, valid with &&)
);

-- Does the scheme of the trade allow sessions of this centre on all days of the range? Screening needs no accreditation.
create function assessments.accredited(a_centre uuid, a_unit uuid, during tstzrange) returns boolean
language sql stable return (
    select not s.needs_accreditation or exists (
        select from assessments.accreditations a
        where a.centre_id = a_centre and a.trade_id = t.id
          and a.valid @> daterange(service.day(lower(during)), service.day(upper(during)), '[]'))
    from assessments.units u join assessments.trades t on t.id = u.trade_id join assessments.schemes s on s.code = t.scheme
    where u.id = a_unit);
