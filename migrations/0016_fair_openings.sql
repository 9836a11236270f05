-- Fairness: no hoarding of places, places that are drawn among all who asked, and names that say what they show.

-- How many coming places one person may hold. One row: an installation changes the number, nobody adds another.
create table scheduling.fair_use (
    id            boolean primary key default true check (id),
    most_bookings int not null default 6 check (most_bookings > 0)
);
insert into scheduling.fair_use default values;

-- Coming places that a person holds. Whoever adds another way to hold one (a hold, an offer) adds it here. Of everybody's
-- rows, whoever asks: the number alone leaves the function.
create function scheduling.places_held(a_candidate uuid) returns bigint
language sql stable security definer set search_path = pg_catalog begin atomic
    select count(*) from scheduling.bookings b
    where b.candidate_id = a_candidate and b.released_at is null and b.attended_at is null and b.closed_at is null;
end;

-- Two bookings of one person wait for each other, so that the second counts the first. By its name this fires before
-- `guard`, which applies the rule; as everywhere, after the lock of the session and under one of the candidate.
create function scheduling.wait_for_own_bookings() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(16, hashtext(new.candidate_id::text));
    return new;
end $$;
create trigger fair_use before insert on scheduling.bookings
    for each row execute function scheduling.wait_for_own_bookings();

create or replace function scheduling.booking_conditions(a_candidate uuid, a_session uuid) returns setof text
language sql stable begin atomic
    select r.rule from scheduling.sessions s
    join assessments.units u on u.id = s.unit_id
    join assessments.trades t on t.id = u.trade_id
    join assessments.schemes sc on sc.code = t.scheme
    join assessments.candidates c on c.id = a_candidate
    cross join lateral (values
        (1, 'candidate_too_young',
            c.birth_date + make_interval(years => sc.minimum_age) > service.day(lower(s.test_time))),
        (2, 'titre_already_held', exists (
            select from certificates.register k
            where k.candidate_id = c.id and k.unit_id = u.id and k.withdrawn_at is null)),
        (3, 'guidance_required', sc.failures_before_guidance > 0
            and assessments.failures_since_guidance(c.id, u.id) >= sc.failures_before_guidance),
        (4, 'assessor_knows_candidate', exists (
            select from scheduling.jury_seats j where j.session_id = s.id and j.released_at is null
              and (j.assessor_id = c.id or assessments.conflict(j.assessor_id, c.id, j.role)))),
        (5, 'too_many_bookings',
            scheduling.places_held(c.id) >= (select f.most_bookings from scheduling.fair_use f))
    ) as r (position, rule, broken)
    where s.id = a_session and r.broken order by r.position;
end;

-- A fair opening: the places of a session are promised for a moment, and then drawn among all who asked before it.
--
-- seed_hash is published when the opening is announced, the seed when it was drawn: SHA-256(seed) = seed_hash, and the
-- order is that of SHA-256(seed || ask id). Whoever draws can choose neither afterwards.
create table scheduling.openings (
    id            uuid primary key default gen_random_uuid(),
    session_id    uuid not null references scheduling.sessions,
    announced_at  timestamptz not null,
    announced_by  uuid,
    draws_at      timestamptz not null check (draws_at > announced_at),
    seed_hash     bytea not null check (length(seed_hash) = 32),
    seed          bytea,
    drawn_at      timestamptz,
    called_off_at timestamptz,
    called_off_by uuid,
    check ((seed is null) = (drawn_at is null)),
    check (drawn_at is null or called_off_at is null),
    check (drawn_at >= draws_at),
    constraint openings_seed_check check (sha256(seed) = seed_hash)
);
create unique index opening_announced on scheduling.openings (session_id) where called_off_at is null;
create index on scheduling.openings (draws_at) where drawn_at is null and called_off_at is null;

-- One a candidate. position: in the order of the draw; booking_id: the place they got; refusal: the rule in the way.
create table scheduling.asks (
    id           uuid primary key default gen_random_uuid(),
    opening_id   uuid not null references scheduling.openings,
    candidate_id uuid not null references assessments.candidates,
    asked_at     timestamptz not null,
    withdrawn_at timestamptz,
    position     int check (position > 0),
    booking_id   uuid unique references scheduling.bookings,
    refusal      text,
    unique (opening_id, candidate_id),
    unique (opening_id, position),
    check (position is null or withdrawn_at is null),
    check (booking_id is null or position is not null),
    check (refusal is null or (position is not null and booking_id is null))
);
create index on scheduling.asks (candidate_id);

-- An ask comes and goes within the window. The lock waits for a draw that is under way, and sees it.
create function scheduling.guard_ask() returns trigger language plpgsql as $$
declare
    moment  timestamptz := case when tg_op = 'UPDATE' then coalesce(new.withdrawn_at, new.asked_at) else new.asked_at end;
    opening scheduling.openings;
begin
    select * into opening from scheduling.openings o where o.id = new.opening_id for share;
    if opening.drawn_at is not null or opening.called_off_at is not null
       or moment < opening.announced_at or moment >= opening.draws_at then
        perform service.refuse('opening_over');
    end if;
    return new;
end $$;
create trigger guard before insert or update of asked_at, withdrawn_at on scheduling.asks
    for each row execute function scheduling.guard_ask();

create trigger guard_erased before insert on scheduling.asks for each row execute function scheduling.guard_erased();

-- What is announced is not opened behind the backs of those who ask: only the draw does, which has marked itself before.
create function scheduling.keep_announced() returns trigger language plpgsql as $$
begin
    if exists (select from scheduling.openings o
               where o.session_id = new.id and o.drawn_at is null and o.called_off_at is null) then
        perform service.refuse('opening_announced');
    end if;
    return new;
end $$;
create trigger keep_announced before update of opened_at on scheduling.sessions for each row
    when (old.opened_at is null and new.opened_at is not null) execute function scheduling.keep_announced();

create trigger audit after insert or update or delete on scheduling.openings
    for each row execute function service.record_change('opening', 'draws_at', 'seed_hash', 'seed');
create trigger audit after insert or update or delete on scheduling.asks
    for each row execute function service.record_change('ask', 'position');

-- What is a name to one reader is another one to the next, if it holds characters that steer: control characters, marks
-- that turn the direction of writing, spaces without width. Joiners, accents and every letter of every script stay.
create function service.is_plain(a_text text) returns boolean language sql immutable parallel safe return
    a_text is null or a_text !~ '[\u0001-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]';

alter table assessments.candidates add constraint name_unreadable check (
    service.is_plain(given_name) and service.is_plain(family_name) and service.is_plain(email)
    and service.is_plain(phone) and service.is_plain(municipality));
alter table assessments.assessors add constraint name_unreadable check (
    service.is_plain(given_name) and service.is_plain(family_name) and service.is_plain(email)
    and service.is_plain(employer));
