"""A crowd: many open sessions and many signed-in candidates, made in a few statements, with every rule in force.

What a storm or a benchmark does afterwards, it does over HTTP. Ids and cookies follow from a number, so that a
client knows them without asking and pgbench can compute them.
"""

from datetime import datetime
from hashlib import md5
from uuid import UUID

import asyncpg
from msgspec import Struct

Tx = asyncpg.Connection
CANDIDATES, ACCOUNTS, SPREAD, HOT, CENTRES = 0xCA, 0xAC, 0x5E, 0x40, 0xCE  # the first byte of an id says what it is


class Crowd(Struct, frozen=True):
    """How many of what there are; a session's or candidate's number begins at 0."""

    candidates: int
    spread: int
    hot: int
    units: int
    seats: int  # of each hot session
    spread_seats: int = 4
    unit_by_room: bool = True  # tests of different units may coincide, so that candidate_busy is met too
    centres: int = 1  # the halls are dealt out to them


def uuid_of(kind: int, number: int) -> UUID:
    """`kind` in the first byte, the others by chance as in life: an index over ids that differ in their last bytes only
    finds nothing to divide them by. public.crowd_id says the same in SQL."""
    return UUID(f"{kind:02x}{md5(str(number).encode()).hexdigest()[2:]}")


def cookie_of(candidate: int) -> str:
    """What the browser of that candidate sends."""
    return f"the-secret-of-candidate-{candidate}"


async def a_crowd(connection: Tx, crowd: Crowd, *, now: datetime) -> None:
    """Make all of it in one transaction: two tests a day and room, the first two weeks from now."""
    async with connection.transaction():
        await connection.execute(
            """create function public.crowd_id(kind int, number bigint) returns uuid language sql immutable
               return (lpad(to_hex(kind), 2, '0') || substr(md5(number::text), 3))::uuid"""
        )
        await _places(connection, crowd)
        await _units(connection, crowd, now)
        await _juries(connection, now)
        await _sessions(connection, crowd, now)
        await _seated_juries(connection, now)
        await _candidates(connection, crowd, now)
    await connection.execute("analyze")


async def _places(tx: Tx, crowd: Crowd) -> None:
    """Centres with halls enough, open every day from eight to eight."""
    await tx.execute(
        """insert into scheduling.centres (id, code, name, sector, email)
           select public.crowd_id(206, n), 'crowdcity' || chr(97 + n), 'Crowdcity ' || n,
                  '{"fr": "Foule", "nl": "Menigte", "en": "Crowd", "de": "Menge"}', 'planning@example.org'
           from generate_series(0, $1 - 1) n""",
        crowd.centres,
    )
    await tx.execute(
        """with site as (
               insert into scheduling.sites (centre_id, name, street, postcode, municipality)
               select public.crowd_id(206, n), 'Halls', 'Rue de la Recherche 42', '1070', 'Anderlecht'
               from generate_series(0, $2 - 1) n returning id, centre_id),
           hall as (
               insert into scheduling.rooms (centre_id, site_id, name, kind, stations)
               select site.centre_id, site.id, 'Hall ' || n, 'crowd-hall', 1000
               from generate_series(0, $1) n join site on site.centre_id = public.crowd_id(206, n % $2) returning id)
           insert into scheduling.opening_hours (room_id, weekday, opens, closes)
           select id, d, '08:00', '20:00' from hall, generate_series(1, 7) d""",
        crowd.spread // 100 + crowd.hot,
        crowd.centres,
    )


async def _units(tx: Tx, crowd: Crowd, now: datetime) -> None:
    """One accredited trade; `units` units for the spread sessions and one for each hot session."""
    label = {"fr": "Tenir debout", "nl": "Rechtstaan", "en": "Stand", "de": "Stehen"}
    await tx.execute(
        """insert into assessments.schemes (code, label, evaluators_min, observers_min, manager_required,
               needs_accreditation, issues_certificate, result_types, minimum_age, failures_before_guidance,
               appeal_days, appeal_answer_days, decision_profile, fee_cents, fee_cents_jobseeker)
           values ('validation', $1, 1, 1, true, true, true, '{pass,fail}', 18, 2, 15, 20, 'cvdc', 0, 0)
           on conflict do nothing""",
        label,
    )
    trade = await tx.fetchval(
        """insert into assessments.trades (code, centre_code, scheme, label, rome, isco, esco, esco_label)
           values ('CRWD', 'crowdcitya', 'validation', $1, 'I1401', '3512', gen_random_uuid(), 'crowd') returning id""",
        label,
    )
    await tx.execute(
        """insert into assessments.accreditations (centre_id, trade_id, valid, reference)
           select id, $1, daterange(service.day($2) - 10, service.day($2) + 700), 'AGR-CROWD'
           from scheduling.centres where code ^@ 'crowdcity'""",
        trade,
        now,
    )
    await tx.execute(
        """with u as (
               insert into assessments.units (trade_id, code, label)
               select $1, 'CRWD-' || n, $2 from generate_series(0, $3 - 1) n returning id)
           insert into assessments.standards (unit_id, version, duration_minutes, setup_minutes, teardown_minutes,
               candidates_per_evaluator, room_kind, languages, grid, published_at)
           select id, 1, 180, 30, 30, 50, 'crowd-hall', '{fr,nl}', $4, $5 from u""",
        trade,
        label,
        crowd.units + crowd.hot,
        {
            "version": 1,
            "languages": ["fr", "nl"],
            "criteria": [
                {"code": "1", "label": label, "threshold": 1, "indicators": [{"code": "1.1", "label": label}]},
            ],
            "conformity": [{"code": "K1", "label": label}],
        },
        now,
    )


async def _juries(tx: Tx, now: datetime) -> None:
    """Three people for each hall, whose ids follow from its number: evaluator (E0), observer (E1), manager (E2)."""
    await tx.execute(
        """insert into assessments.assessors (id, given_name, family_name, email, centre_id, languages, registered_at)
           select public.crowd_id(k, substr(r.name, 6)::int), 'Ahmed', 'Lambert', 'jury' || k || r.id || '@example.org',
                  case when k <> 225 then r.centre_id end, '{fr,nl}', $1
           from scheduling.rooms r, generate_series(224, 226) k where r.kind = 'crowd-hall'""",
        now,
    )
    await tx.execute(
        """insert into assessments.qualifications (assessor_id, trade_id, role, valid)
           select public.crowd_id(k, substr(r.name, 6)::int), t.id, case k when 224 then 'evaluator' else 'observer' end,
                  daterange(service.day($1) - 10, service.day($1) + 700)
           from scheduling.rooms r, generate_series(224, 225) k, assessments.trades t
           where r.kind = 'crowd-hall' and t.code = 'CRWD'""",
        now,
    )


async def _sessions(tx: Tx, crowd: Crowd, now: datetime) -> None:
    """Spread session n: hall n / 100, slot n % 100. Hot session n: a hall, a later time and a unit of its own."""
    await tx.execute(
        """with wanted as (
               select public.crowd_id(94, n) as id, n / 100 as hall, n % 100 as slot, $2::int as seats,
                      (n % 100 + case when $6 then n / 100 else 0 end) % $3 as unit
               from generate_series(0, $1 - 1) n
               union all
               select public.crowd_id(64, n), $1 / 100 + 1 + n, 100 + n, $5::int, $3 + n from generate_series(0, $4 - 1) n),
           timed as (
               select *, (service.day($7) + 14 + slot / 2 + case slot % 2 when 0 then time '09:00' else time '14:00' end)
                         at time zone 'Europe/Brussels' as starts_at from wanted)
           insert into scheduling.sessions (id, centre_id, room_id, unit_id, standard_id, language, test_time,
               setup_minutes, teardown_minutes, seats, planned_at, opened_at, changed_at)
           select w.id, r.centre_id, r.id, u.id, st.id, 'fr', tstzrange(w.starts_at, w.starts_at + interval '3 hours'),
                  30, 30, w.seats, $7, $7, $7
           from timed w
           join scheduling.rooms r on r.name = 'Hall ' || w.hall and r.kind = 'crowd-hall'
           join assessments.units u on u.code = 'CRWD-' || w.unit
           join assessments.standards st on st.unit_id = u.id""",
        crowd.spread,
        crowd.spread_seats,
        crowd.units,
        crowd.hot,
        crowd.seats,
        crowd.unit_by_room,
        now,
    )


async def _seated_juries(tx: Tx, now: datetime) -> None:
    await tx.execute(
        """insert into scheduling.jury_seats (session_id, assessor_id, role, during, given_at)
           select s.id, public.crowd_id(k, substr(r.name, 6)::int),
                  case k when 224 then 'evaluator' when 225 then 'observer' else 'manager' end, s.occupied, $1
           from scheduling.sessions s join scheduling.rooms r on r.id = s.room_id, generate_series(224, 226) k
           where r.kind = 'crowd-hall'""",
        now,
    )


async def _candidates(tx: Tx, crowd: Crowd, now: datetime) -> None:
    """Candidates with an account and a login whose cookie is `cookie_of(n)`."""
    await tx.execute(
        """with person as (
               insert into assessments.candidates (id, given_name, family_name, birth_date, email, language, status,
                                                   registered_at)
               select public.crowd_id(202, n), 'Noor', 'Peeters', '1990-05-17', 'crowd' || n || '@example.org', 'fr',
                      'jobseeker', $2
               from generate_series(0, $1 - 1) n returning id, email),
           account as (
               insert into service.accounts (id, email, role, candidate_id, language, created_at)
               select public.crowd_id(172, substring(email from '\\d+')::int), email, 'candidate', id, 'fr', $2 from person
               returning id, email)
           insert into service.logins (secret_hash, account_id, signed_in_at, seen_at, expires_at)
           select sha256(convert_to('the-secret-of-candidate-' || substring(email from '\\d+'), 'UTF8')), id, $2, $2,
                  $2 + interval '7 days' from account""",
        crowd.candidates,
        now,
    )
