"""The day of a test on a tablet: what it needs, and what it brings, in order and as often as it takes."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from assessments import syncing
from assessments.refusals import EntryOutOfOrder, MotiveMissing, NotYourRecording, ReasonMissing
from service import auth, days
from service.api.described import refusals
from service.provide import Db, Now, Words

TAGS = ["recordings"]


class Batch(syncing.Batch, frozen=True, forbid_unknown_fields=True):
    """`assessor_id`: whose entries they are, so that nobody sends another's under their own name."""

    assessor_id: UUID


@get(
    "/sessions/{session_id:uuid}/day",
    tags=TAGS,
    guards=[auth.may("recordings", "day")],
    responses=refusals(codes=(401, 403, 404)),
)
async def read(session_id: FromPath[UUID], me: auth.Me, db: Db, words: Words) -> days.Day:
    """Candidates, grid and my own entries, in my language; nothing of what the others of the jury entered."""
    async with db.read() as tx:
        return await days.read(tx, session_id, assessor_id=auth.own(me.assessor_id), words=words)


@post(
    "/sessions/{session_id:uuid}/day/entries",
    tags=TAGS,
    guards=[auth.may("recordings", "day")],
    status_code=200,
    responses=refusals(EntryOutOfOrder, ReasonMissing, MotiveMissing, NotYourRecording),
)
async def take(
    session_id: FromPath[UUID], data: JSONBody[Batch], me: auth.Me, db: Db, now: Now, words: Words
) -> days.Day:
    """Store what a device entered, and return the day as it is now. The same batch again changes nothing.

    What cannot count any more is stored with the reason in `set_aside`.
    """
    if data.assessor_id != me.assessor_id:
        raise NotYourRecording
    async with db.transaction() as tx:
        await syncing.take(tx, session_id, data, assessor_id=data.assessor_id, now=now)
        return await days.read(tx, session_id, assessor_id=data.assessor_id, words=words)


HANDLERS = [read, take]
