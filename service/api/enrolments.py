"""Enrolments: my files, one for each unit, and withdrawing from a unit. Booking or joining a waiting list opens a file, again
after a withdrawal too."""

from datetime import datetime
from uuid import UUID

import asyncpg
from litestar import get, post
from litestar.params import FromPath
from msgspec import Struct

from assessments import enrolments, units
from assessments.enrolment_refusals import OutcomeUnderWay, StillBooked
from assessments.enrolments import Advice
from scheduling.refusals import TitreAlreadyHeld
from service import auth, reach, withdrawals
from service.api.described import refusals
from service.provide import Db, Now


class Enrolment(Struct, frozen=True):
    """A candidate's file for a unit; `advice` refuses nobody a test."""

    id: UUID
    unit: str
    enrolled_at: datetime
    guided_at: datetime | None
    advice: Advice | None
    withdrawn_at: datetime | None


@get("/enrolments", tags=["enrolments"], guards=[auth.may("journey", "read")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> list[Enrolment]:
    """My files, the newest first; those that I withdrew from too."""
    async with db.read() as tx:
        files = await enrolments.of_candidate(tx, auth.own(me.candidate_id))
        return await _shown(tx, files)


@post(
    "/enrolments/{enrolment_id:uuid}/withdrawal",
    tags=["enrolments"],
    guards=[auth.may("journey", "withdraw")],
    responses=refusals(StillBooked, OutcomeUnderWay, TitreAlreadyHeld, codes=(401, 403, 404)),
    status_code=200,
)
async def withdraw(enrolment_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Enrolment:
    """Withdraw from the unit. Its waiting list is left, offers are declined, alerts about it alone end, and I take part in no
    draw of it any more. Twice is once."""
    async with db.transaction() as tx:
        await reach.holds_enrolment(tx, me, enrolment_id)
        file = await withdrawals.withdraw(tx, enrolment_id, by=me.id, now=now)
        return (await _shown(tx, [file]))[0]


async def _shown(tx: asyncpg.Connection, files: list[enrolments.Enrolment]) -> list[Enrolment]:
    codes = {unit.id: unit.code for unit in await units.every(tx)}
    return [
        Enrolment(one.id, codes[one.unit_id], one.enrolled_at, one.guided_at, one.advice, one.withdrawn_at)
        for one in files
    ]


HANDLERS = [mine, withdraw]
