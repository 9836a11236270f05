"""Guidance: who cannot book before a meeting with a specialist of the trade, and the note that it took place."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments.enrolment_refusals import EnrolmentWithdrawn
from assessments.enrolments import Advice
from scheduling import centres
from service import auth, guidance, reach
from service.api.described import refusals
from service.provide import Db, Now


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """What the specialist advises; it refuses nobody."""

    advice: Advice


class Meeting(Struct, frozen=True, forbid_unknown_fields=True):
    """Of whoever sits there: the address that they sign in with, and the unit's code."""

    email: Annotated[str, Meta(min_length=3, max_length=254, pattern="@")]
    unit: Annotated[str, Meta(min_length=1, max_length=40)]
    advice: Advice


@get(
    "/centres/{centre_id:uuid}/guidance", tags=["guidance"], guards=[auth.may("guidance", "list")], responses=refusals()
)
async def needed(centre_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> list[guidance.File]:
    """Who comes to the centre and cannot book before a meeting, longest since their last failure first."""
    reach.runs_centre(me, centre_id)
    async with db.as_house().read() as tx:  # see service/guidance.py
        await centres.get(tx, centre_id)
        return await guidance.needed(tx, centre_id, now=now)


@post(
    "/enrolments/{enrolment_id:uuid}/guidance",
    tags=["guidance"],
    guards=[auth.may("guidance", "note")],
    responses=refusals(EnrolmentWithdrawn),
    status_code=204,
)
async def note(enrolment_id: FromPath[UUID], data: JSONBody[Note], me: auth.Me, db: Db, now: Now) -> None:
    """The meeting took place: the candidate can book again."""
    async with db.as_house().transaction() as tx:
        await guidance.note(tx, me.centre_id, enrolment_id, data.advice, by=me.id, now=now)


@post(
    "/centres/{centre_id:uuid}/guidance",
    tags=["guidance"],
    guards=[auth.may("guidance", "note")],
    responses=refusals(),
    status_code=204,
)
async def note_of_address(centre_id: FromPath[UUID], data: JSONBody[Meeting], me: auth.Me, db: Db, now: Now) -> None:
    """The same for somebody who comes from elsewhere; their file for the unit is opened if there is none."""
    reach.runs_centre(me, centre_id)
    email = data.email.strip().lower()
    async with db.as_house().transaction() as tx:
        await centres.get(tx, centre_id)
        await guidance.note_of_address(tx, centre_id, email, data.unit, data.advice, by=me.id, now=now)


HANDLERS = [needed, note, note_of_address]
