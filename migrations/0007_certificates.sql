-- What is proved: the register of certificates, gapless numbers, the printed documents.

create table certificates.numbers (
    year int primary key,
    last int not null check (last >= 0)
);

-- Everything printed is copied here when it is issued: the certificate outlives names, catalogues and erasure requests.
create table certificates.register (
    id               uuid primary key default gen_random_uuid(),
    decision_id      uuid not null unique references assessments.decisions,
    candidate_id     uuid not null references assessments.candidates,
    unit_id          uuid not null references assessments.units,
    centre_id        uuid not null references scheduling.centres,
    year             int not null,
    number           int not null,
    public_code      text not null unique check (length(public_code) >= 26),
    holder_name      text not null,
    birth_date       date not null,
    language         service.language not null,
    unit_code        text not null,
    unit_label       service.label not null,
    trade_label      service.label not null,
    scheme_label     service.label not null,
    centre_name      text not null,
    municipality     text not null,
    standard_version int not null,
    jury_date        date not null,
    issued_at        timestamptz not null,
    valid_until      date,
    suspended_at     timestamptz,
    suspended_by     uuid,
    withdrawn_at     timestamptz,
    withdrawn_by     uuid,
    reason           text,
    unique (year, number),
    constraint reason_unstated check ((suspended_at is null and withdrawn_at is null) or coalesce(btrim(reason), '') <> '')
);
create index on certificates.register (candidate_id, unit_id) where withdrawn_at is null;

create table certificates.documents (
    certificate_id uuid primary key references certificates.register,
    pdf            bytea not null,
    sha256         text not null,
    rendered_at    timestamptz not null
);

-- A certificate exists only for a released pass decision of an accredited session; only a defect can break this.
create function certificates.guard_certificate() returns trigger language plpgsql as $$
begin
    if not exists (select from assessments.decisions d join scheduling.bookings b on b.id = d.booking_id
                   join scheduling.sessions s on s.id = b.session_id
                   where d.id = new.decision_id and d.outcome = 'pass' and d.released_at is not null
                     and d.superseded_at is null and d.candidate_id = new.candidate_id and d.unit_id = new.unit_id
                     and assessments.accredited(s.centre_id, s.unit_id, s.test_time)) then
        raise exception 'no released pass decision of an accredited session: %', new.decision_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger guard before insert on certificates.register for each row execute function certificates.guard_certificate();

-- What was printed never changes, and withdrawn is the end.
create function certificates.keep_printed() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - '{suspended_at,suspended_by,withdrawn_at,withdrawn_by,reason}'::text[])
       is distinct from (to_jsonb(old) - '{suspended_at,suspended_by,withdrawn_at,withdrawn_by,reason}'::text[]) then
        raise exception 'a certificate is not rewritten' using errcode = 'check_violation';
    end if;
    if old.withdrawn_at is not null then
        perform service.refuse('certificate_withdrawn');
    end if;
    return new;
end $$;
create trigger keep_printed before update on certificates.register for each row execute function certificates.keep_printed();
