-- What is recommended after a screening: units to be tested in, trainings to follow. The assessor says it, or the centre,
-- before the profile is released; nothing is worked out from the scores (GDPR, art. 22).

create table assessments.recommendations (
    id             uuid primary key default gen_random_uuid(),
    booking_id     uuid not null references scheduling.bookings,
    position       int not null check (position > 0),
    unit_id        uuid references assessments.units,
    training       text check (btrim(training) <> '' and length(training) <= 200),
    recommended_at timestamptz not null,
    recommended_by uuid,
    check ((unit_id is null) <> (training is null)),
    unique (booking_id, position)
);

-- Of a screening, and until its profile is released; the words about somebody who is erased go later too. The lock on the
-- booking keeps this and the release apart: a profile's insert takes the same row.
create function assessments.guard_recommendation() returns trigger language plpgsql as $$
declare
    the_booking uuid := case tg_op when 'DELETE' then old.booking_id else new.booking_id end;
begin
    if tg_op = 'DELETE' and assessments.is_erased(the_booking) then
        return old;
    end if;
    perform from scheduling.bookings b where b.id = the_booking for no key update;
    if not exists (select from scheduling.bookings b join assessments.units u on u.id = b.unit_id
                   join assessments.trades t on t.id = u.trade_id join assessments.schemes s on s.code = t.scheme
                   where b.id = the_booking and s.decision_profile = 'none') then
        perform service.refuse('not_a_screening');
    end if;
    if exists (select from assessments.profiles p where p.booking_id = the_booking) then
        perform service.refuse('profile_already_released');
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger guard before insert or update or delete on assessments.recommendations
    for each row execute function assessments.guard_recommendation();

create function assessments.guard_profile() returns trigger language plpgsql as $$
begin
    perform from scheduling.bookings b where b.id = new.booking_id for no key update;
    return new;
end $$;
create trigger guard before insert on assessments.profiles for each row execute function assessments.guard_profile();

create trigger audit after insert or update or delete on assessments.recommendations
    for each row execute function service.record_change('recommendation', 'position');

-- Never a certificate: whatever was decided, and by whom, a scheme that issues none has none, and one without a decision
-- profile has no decision. Only a defect can break this, so it comes before the guards that explain (in the order of names).
create function certificates.guard_scheme() returns trigger language plpgsql as $$
begin
    if not exists (select from assessments.units u join assessments.trades t on t.id = u.trade_id
                   join assessments.schemes s on s.code = t.scheme
                   where u.id = new.unit_id and s.issues_certificate) then
        raise exception 'this scheme issues no certificate: %', new.unit_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger bar_screening before insert on certificates.register
    for each row execute function certificates.guard_scheme();

create function assessments.guard_scheme() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.bookings b join assessments.units u on u.id = b.unit_id
               join assessments.trades t on t.id = u.trade_id join assessments.schemes s on s.code = t.scheme
               where b.id = new.booking_id and s.decision_profile = 'none') then
        raise exception 'this scheme has no decisions: %', new.booking_id using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger bar_screening before insert on assessments.deliberations
    for each row execute function assessments.guard_scheme();
create trigger bar_screening before insert on assessments.decisions
    for each row execute function assessments.guard_scheme();
