"""What a centre reads to plan and run its sessions: pictures across the domains, one per question."""

from datetime import datetime
from functools import cache
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import catalogue_files
from assessments.marking import Outcome
from certificates import numbers
from scheduling import centres, turnings_away
from service.accounts import Account
from service.refusals import NotFound

Stage = Literal["grids", "deliberation", "decision", "release", "released", "annulled"]


class Offer(Struct, frozen=True):
    """A unit that a centre may test, with what its standard in force asks for."""

    id: UUID
    code: str
    label: dict[str, str]
    trade_label: dict[str, str]
    duration_minutes: int
    setup_minutes: int
    teardown_minutes: int
    candidates_per_evaluator: int
    room_kind: str
    equipment_kind: str | None
    languages: tuple[str, ...]
    pieces: int


class Rules(Struct, frozen=True):
    """What stands behind a session: its standard, its scheme's demands on the jury, and whether they are met."""

    standard_version: int
    duration_minutes: int
    setup_minutes: int
    teardown_minutes: int
    extra_minutes: int
    candidates_per_evaluator: int
    room_kind: str
    equipment_kind: str | None
    evaluators_min: int
    observers_min: int
    manager_required: bool
    decides: bool
    recognises: bool
    capacity: int
    jury_complete: bool
    accredited: bool
    cancellation: str | None
    occupied_from: datetime
    occupied_until: datetime


class Progress(Struct, frozen=True):
    """How far one candidate's file is after the test."""

    booking_id: UUID
    evaluated: bool
    observed: bool
    writing: bool
    jury_outcome: Outcome | None
    decision_id: UUID | None
    outcome: Outcome | None
    released_at: datetime | None
    profile_released_at: datetime | None
    annulled_at: datetime | None

    def stage(self, rules: Rules) -> Stage:
        """What is to be done next, by the scheme's way to a result."""
        if not rules.decides:
            return "released" if self.profile_released_at else "release" if self.evaluated else "grids"
        if self.annulled_at is not None:
            return "annulled"
        if self.released_at is not None:
            return "released"
        if self.decision_id is not None:
            return "release"
        if rules.recognises:
            return "decision" if self.evaluated and not self.writing else "grids"
        if self.jury_outcome is not None:
            return "decision"
        return "deliberation" if self.evaluated and self.observed and not self.writing else "grids"


class Person(Struct, frozen=True):
    """Whose test this is."""

    booking_id: UUID
    session_id: UUID
    given_name: str
    family_name: str
    attended_at: datetime | None


class Onward(Struct, frozen=True):
    """What a candidate has instead of a seat that the centre took back; without a session they go first in line."""

    session_id: UUID | None
    starts_at: datetime | None


async def centre(tx: asyncpg.Connection, me: Account, code: str | None) -> centres.Centre:
    """A manager's own centre, or the one whose code an administrator gives. Refuses NotFound."""
    for each in await centres.every(tx):
        if me.role == "administrator" and each.code == code:
            return each
        if each.id == me.centre_id and code in (None, "", each.code):
            return each
    raise NotFound


async def offers(tx: asyncpg.Connection, centre_id: UUID) -> list[Offer]:
    """The units of the centre's own trades and of those it is accredited for, by code."""
    rows = await tx.fetch(
        """select u.id, u.code, u.label, t.label as trade_label, st.duration_minutes, st.setup_minutes,
                  st.teardown_minutes, st.candidates_per_evaluator, st.room_kind, st.equipment_kind, st.languages,
                  (select count(*) from scheduling.equipment e
                   where e.centre_id = c.id and e.kind = st.equipment_kind and e.retired_at is null) as pieces
           from scheduling.centres c
           join assessments.trades t on t.centre_code = c.code or exists (
               select from assessments.accreditations a where a.centre_id = c.id and a.trade_id = t.id)
           join assessments.units u on u.trade_id = t.id
           join assessments.standards st on st.unit_id = u.id and st.published_at is not null and st.retired_at is null
           where c.id = $1 order by u.code""",
        centre_id,
    )
    return [msgspec.convert(dict(row), Offer) for row in rows]


async def rules(tx: asyncpg.Connection, session_id: UUID) -> Rules:
    """The rules of one session that is known to exist: service.reach asked before."""
    row = await tx.fetchrow(
        """select st.version as standard_version, st.duration_minutes, s.setup_minutes, s.teardown_minutes,
                  s.extra_minutes, st.candidates_per_evaluator, st.room_kind, st.equipment_kind, k.evaluators_min,
                  k.observers_min, k.manager_required, k.decision_profile <> 'none' as decides,
                  'competences' = any (k.result_types) as recognises,
                  scheduling.capacity(s.id) as capacity, scheduling.jury_complete(s.id) as jury_complete,
                  assessments.accredited(s.centre_id, s.unit_id, s.test_time) as accredited, s.cancellation,
                  lower(s.occupied) as occupied_from, upper(s.occupied) as occupied_until
           from scheduling.sessions s
           join assessments.standards st on st.id = s.standard_id
           join assessments.units u on u.id = s.unit_id
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes k on k.code = t.scheme
           where s.id = $1""",
        session_id,
    )
    assert row is not None
    return Rules(**row)


async def complete_juries(tx: asyncpg.Connection, session_ids: list[UUID]) -> set[UUID]:
    """Those of the sessions whose jury is complete."""
    rows = await tx.fetch(
        "select i.id from unnest($1::uuid[]) as i (id) where scheduling.jury_complete(i.id)", session_ids
    )
    return {row["id"] for row in rows}


async def progress(tx: asyncpg.Connection, session_id: UUID) -> dict[UUID, Progress]:
    """How far each candidate who attended is, by booking."""
    rows = await tx.fetch(
        """select b.id as booking_id,
                  coalesce(r.evaluated, false) as evaluated, coalesce(r.observed, false) as observed,
                  coalesce(r.writing, false) as writing,
                  l.outcome as jury_outcome, d.id as decision_id, d.outcome, d.released_at,
                  p.released_at as profile_released_at, n.granted_at as annulled_at
           from scheduling.bookings b
           left join assessments.deliberations l on l.booking_id = b.id
           left join assessments.decisions d on d.booking_id = b.id and d.superseded_at is null
           left join assessments.profiles p on p.booking_id = b.id
           left join assessments.new_tests n on n.booking_id = b.id
           cross join lateral (
               select bool_or(one.role = 'evaluator' and one.submitted) as evaluated,
                      bool_or(one.role = 'observer' and one.submitted) as observed, bool_or(not one.submitted) as writing
               from assessments.recorded(b.id) one) r
           where b.session_id = $1 and b.attended_at is not null""",
        session_id,
    )
    return {row["booking_id"]: Progress(**row) for row in rows}


async def onward(tx: asyncpg.Connection, session_id: UUID) -> dict[UUID, Onward]:
    """Where the centre's candidates are now whose seat it took back, by booking: in another session, however often they were
    moved, or first in line. Who has neither any more is not in it."""
    rows = await tx.fetch(
        """with recursive way as (
               select b.id as lost, b.id as booking_id from scheduling.bookings b
               where b.session_id = $1 and b.released_at is not null
               union all
               select w.lost, r.booking_id from way w join scheduling.rebookings r on r.instead_of = w.booking_id)
           select b.id as booking_id, n.session_id, lower(n.test_time) as starts_at
           from scheduling.bookings b
           left join (select w.lost, k.session_id, k.test_time
                      from way w join scheduling.bookings k on k.id = w.booking_id and k.released_at is null) n
                on n.lost = b.id
           where b.session_id = $1 and (n.lost is not null or exists (
               select from scheduling.priorities p
               join scheduling.first_in_line f on (f.candidate_id, f.unit_id) = (p.candidate_id, p.unit_id)
               where p.booking_id = b.id))""",
        session_id,
    )
    return {row["booking_id"]: Onward(row["session_id"], row["starts_at"]) for row in rows}


async def elsewhere(tx: asyncpg.Connection, booking_id: UUID) -> Onward | None:
    """The place that the candidate has now at the same centre for the same test, whoever chose it."""
    row = await tx.fetchrow(
        """select n.session_id, lower(n.test_time) as starts_at
           from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           join scheduling.bookings n on n.candidate_id = b.candidate_id and n.unit_id = b.unit_id
           join scheduling.sessions o on o.id = n.session_id and o.centre_id = s.centre_id
           where b.id = $1 and n.id <> b.id and n.released_at is null and n.confirmed_at is not null
             and n.attended_at is null
           order by n.booked_at desc limit 1""",
        booking_id,
    )
    return Onward(**row) if row else None


async def causes(tx: asyncpg.Connection, session_id: UUID) -> dict[UUID, turnings_away.Cause]:
    """Why those who came and were turned away could not take the test, by booking."""
    rows = await tx.fetch(
        """select t.booking_id, t.cause from scheduling.turnings_away t join scheduling.bookings b on b.id = t.booking_id
           where b.session_id = $1""",
        session_id,
    )
    return {row["booking_id"]: row["cause"] for row in rows}


async def person(tx: asyncpg.Connection, booking_id: UUID) -> Person:
    """Whose booking it is. Refuses NotFound."""
    row = await tx.fetchrow(
        """select b.id as booking_id, b.session_id, c.given_name, c.family_name, b.attended_at
           from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id where b.id = $1""",
        booking_id,
    )
    if row is None:
        raise NotFound
    return Person(**row)


async def certificate_of(tx: asyncpg.Connection, booking_id: UUID) -> tuple[UUID, str] | None:
    """The certificate that a booking's standing decision brought, and its serial; None while there is none."""
    row = await tx.fetchrow(
        """select k.id, k.year, k.number from certificates.register k join assessments.decisions d on d.id = k.decision_id
           where d.booking_id = $1 and d.superseded_at is null""",
        booking_id,
    )
    return (row["id"], numbers.serial(row["year"], row["number"])) if row else None


@cache
def kinds() -> dict[str, dict[str, str]]:
    """What kinds of room and equipment are called, by their codes; as the shipped catalogue has them."""
    return {kind.code: kind.label for kind in catalogue_files.load().rooms} | equipment_kinds()


@cache
def equipment_kinds() -> dict[str, dict[str, str]]:
    return {kind.code: kind.label for kind in catalogue_files.load().equipment}
