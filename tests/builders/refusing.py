"""What makes the service refuse a place, rule by rule: each stages one refusal for a candidate of their own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from scheduling import jury_seats, sessions
from tests.builders.stage import a_stage
from tests.builders.web import signed_in
from tests.service.conftest import Town

NUMBERS = count(1)


@dataclass
class Case:
    """A town, a candidate nobody knows yet, and another day for each session. `owner`: a connection that may do anything."""

    town: Town
    owner: "asyncpg.Connection[asyncpg.Record]"
    me: UUID
    client: httpx.AsyncClient

    async def session(self, **changes: object) -> UUID:
        day = timedelta(days=weekday(next(NUMBERS)))
        return await self.town.open_session(**{"starts_at": self.town.stage.morning + day, **changes})

    async def taken(self, session: UUID, path: str = "bookings") -> str:
        answer = await self.client.post(f"/api/v1/{path}", json={"session_id": str(session)}, headers=key())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def plain(self, statement: str, *values: object) -> None:
        """Rows as they come out of a longer story, with the guards away."""
        async with self.owner.transaction():
            await self.owner.execute("set local session_replication_role = replica")
            await self.owner.execute(statement, *values)

    async def undo(self) -> None:
        """What holds for everybody is as it was before."""
        await self.plain("update assessments.schemes set retake_wait_days = 0")
        await self.plain("update scheduling.fair_use set most_bookings = 6")
        await self.plain("update scheduling.rooms set accessible = true")
        await self.plain(
            """update scheduling.bookings set released_at = changed_at, release = 'expired'
               where released_at is null and attended_at is null"""
        )
        await self.plain("update scheduling.sessions set taken = 0")
        await self.plain("delete from assessments.links")

    async def enrolled(self) -> None:
        await self.plain(
            "insert into assessments.enrolments (candidate_id, unit_id, enrolled_at) values ($1, $2, $3)",
            self.me,
            self.town.stage.unit,
            self.town.stage.now,
        )

    async def failed(self, times: int = 1) -> None:
        """They failed the unit of the stage, just now."""
        await self.enrolled()
        for day in range(times):
            row = (uuid4(), self.town.stage.unit, self.me, self.town.stage.now - timedelta(days=day))
            await self.plain(
                """insert into scheduling.bookings (id, session_id, unit_id, test_time, candidate_id, booked_at, confirmed_at,
                       changed_at, convoked_at, checked_in_at, contract_signed_at, attended_at, closed_at)
                   values ($1, $1, $2, tstzrange($4::timestamptz - interval '5 hours', $4), $3, $4, $4, $4, $4, $4, $4, $4, $4)
                   """,
                *row,
            )
            await self.plain(
                """insert into assessments.decisions (booking_id, deliberation_id, candidate_id, unit_id, outcome, profile,
                                                      taken_by, taken_at, released_at)
                   values ($1, $1, $3, $2, 'fail', 'cvdc', $3, $4, $4)""",
                *row,
            )


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def weekday(number: int) -> int:
    """So many working days after a Tuesday."""
    return number + 2 * ((number + 1) // 5)


Body = dict[str, Any]
Try = tuple[str, Body]  # the address under /api/v1, and the body
Staging = Callable[[Case], Awaitable[Try]]


async def full(case: Case) -> Try:
    session = await case.session(seats=1)
    assert (await case.town.book(session, uuid4().hex, case.town.rival)).status_code == 201
    return booking(session)


async def not_open(case: Case) -> Try:
    session = await case.session()
    assert (await case.town.manager.put(f"/api/v1/sessions/{session}/lock")).status_code == 200
    return booking(session)


async def busy(case: Case) -> Try:
    async with case.town.db.transaction() as tx:
        there = await case.town.there.open(tx)
        here = await case.town.stage.another_room(tx)
        jury = [await case.town.stage.assessor(tx, role) for role in ("evaluator", "observer")]
    await case.taken(there)
    session = await other_jury(case, here, jury)
    return booking(session)


async def other_jury(case: Case, room: UUID, jury: list[UUID]) -> UUID:
    """At the hour of the other centre's session, in a room and before a jury of its own."""
    stage = case.town.stage
    async with case.town.db.transaction() as tx:
        session = await stage.draft(tx, room_id=room, starts_at=case.town.there.morning)
        everybody = [*jury, await stage.assessor(tx, None, of_centre=True)]
        for person, role in zip(everybody, ("evaluator", "observer", "manager"), strict=True):
            await jury_seats.give(tx, session, person, role, by=None, now=stage.now)  # type: ignore[arg-type]
        await sessions.open_for_booking(tx, session, by=None, now=stage.now)
    return session


async def booked_already(case: Case) -> Try:
    await case.taken(await case.session())
    return booking(await case.session())


async def too_young(case: Case) -> Try:
    await case.plain("update assessments.candidates set birth_date = $2 where id = $1", case.me, date(2012, 3, 4))
    return booking(await case.session())


async def titre(case: Case) -> Try:
    await case.plain(
        """insert into certificates.register (decision_id, candidate_id, unit_id, centre_id, year, number, public_code,
               holder_name, birth_date, language, unit_code, unit_label, trade_label, scheme_label, centre_name, municipality,
               standard_version, jury_date, issued_at)
           select gen_random_uuid(), $1::uuid, u.id, $3, 2026, 9000, md5($1::uuid::text), 'N', '1990-05-17', 'fr',
               u.code, u.label, u.label, u.label, 'D', 'A', 1, '2026-08-01', $4
           from assessments.units u where u.id = $2""",
        case.me, case.town.stage.unit, case.town.stage.centre, case.town.stage.now,
    )  # fmt: skip
    await case.enrolled()
    return booking(await case.session())


async def guidance(case: Case) -> Try:
    await case.failed(2)
    return booking(await case.session())


async def too_soon(case: Case) -> Try:
    await case.failed()
    await case.plain("update assessments.schemes set retake_wait_days = 30")
    return booking(await case.session())


async def kin(case: Case) -> Try:
    async with case.town.db.transaction() as tx:
        await case.town.stage.link(tx, case.town.stage.observer, case.me)
    return booking(await case.session())


async def steps(case: Case) -> Try:
    await case.plain("update scheduling.rooms set accessible = false where id = $1", case.town.stage.room)
    await case.plain(
        """insert into assessments.accommodations (candidate_id, measure, requested_at, granted_at)
           values ($1, 'ground_floor', $2, $2)""",
        case.me,
        case.town.stage.now,
    )
    return booking(await case.session())


async def hoarding(case: Case) -> Try:
    await case.plain("update scheduling.fair_use set most_bookings = 1")
    async with case.town.db.transaction() as tx:
        there = await case.town.there.open(tx, starts_at=case.town.there.morning + timedelta(days=28))
    await case.taken(there)
    return booking(await case.session())


async def holding(case: Case) -> Try:
    """As many as one may, each of another unit."""
    async with case.town.db.transaction() as tx:
        others = [await a_stage(tx, case.town.stage.now) for _ in range(3)]
        held = [await one.open(tx, starts_at=one.morning + timedelta(days=n + 1)) for n, one in enumerate(others)]
    for session in held:
        await case.taken(session, "holds")
    return "/holds", {"session_id": str(await case.session())}


async def lapsed(case: Case) -> Try:
    held = await case.taken(await case.session(), "holds")
    await case.plain("update scheduling.bookings set held_until = $2 where id = $1", UUID(held), case.town.stage.now)
    return f"/bookings/{held}/acceptance", {}


async def the_same(case: Case) -> Try:
    session = await case.session()
    return f"/bookings/{await case.taken(session)}/rescheduling", {"session_id": str(session)}


async def another_unit(case: Case) -> Try:
    mine = await case.taken(await case.session())
    async with case.town.db.transaction() as tx:
        there = await case.town.there.open(tx, starts_at=case.town.there.morning + timedelta(days=21))
    return f"/bookings/{mine}/rescheduling", {"session_id": str(there)}


async def begun(case: Case) -> Try:
    mine = await case.taken(await case.session())
    await case.plain(
        "update scheduling.bookings set convoked_at = $2, checked_in_at = $2 where id = $1",
        UUID(mine),
        case.town.stage.now,
    )
    return f"/bookings/{mine}/cancellation", {}


async def for_nothing(case: Case) -> Try:
    code = await case.owner.fetchval("select code from assessments.units where id = $1", case.town.stage.unit)
    return "/waiting", {"unit": code, "languages": ["fr"], "earliest": "2026-09-09", "latest": "2026-09-02"}


async def excused_before(case: Case) -> Try:
    path = await absent(case, 1)
    assert (await case.client.post(f"/api/v1{path}", json={"reason": "ill"})).status_code == 201
    return path, {"reason": "ill"}


async def excused_late(case: Case) -> Try:
    return await absent(case, 40), {"reason": "ill"}


async def absent(case: Case, days: int) -> str:
    """They did not come, so many days ago."""
    mine = await case.taken(await case.session())
    await case.plain(
        """update scheduling.bookings set released_at = $2, release = 'no_show', test_time = tstzrange($2, $3)
           where id = $1""",
        UUID(mine),
        case.town.stage.now - timedelta(days=days, hours=4),
        case.town.stage.now - timedelta(days=days),
    )
    return f"/bookings/{mine}/excuse"


def booking(session: UUID) -> Try:
    return "/bookings", {"session_id": str(session)}


STAGED: dict[str, Staging] = {
    "session-full": full, "session-not-open": not_open, "candidate-busy": busy, "unit-already-booked": booked_already,
    "candidate-too-young": too_young, "titre-already-held": titre, "guidance-required": guidance,
    "retake-too-soon": too_soon, "assessor-knows-candidate": kin, "room-not-accessible": steps,
    "too-many-bookings": hoarding, "too-many-holds": holding, "hold-expired": lapsed, "same-session": the_same,
    "unit-differs": another_unit, "not-in-that-state": begun, "waiting-for-nothing": for_nothing,
    "excuse-already-asked": excused_before, "excuse-too-late": excused_late,
}  # fmt: skip


async def a_case(town: Town, owner: "asyncpg.Connection[asyncpg.Record]") -> Case:
    async with town.db.transaction() as tx:
        me = await town.stage.candidate(tx)
    client = await signed_in(town.app, f"{uuid4().hex}@example.org", "candidate", candidate_id=me)
    case = Case(town, owner, me, client)
    # A grid that the page of a place can show.
    await case.plain(
        """update assessments.standards set grid = grid || '{"version": 1, "languages": ["fr"]}',
                  task = '{"fr": "Faire"}', conditions = '{"fr": "Seul"}'"""
    )
    return case
