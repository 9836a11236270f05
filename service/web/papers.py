"""Papers to take away as PDF: the candidate's own, what the centre hands out, and the minutes for the file."""

from uuid import UUID

import asyncpg
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from service import auth, reach
from service.papers import minutes, shelf
from service.papers.shelf import Kind
from service.provide import Db, Now


@get("/bookings/{booking_id:uuid}/papers/{kind:str}", include_in_schema=False, guards=[auth.may("papers", "fetch")])
async def one(booking_id: FromPath[UUID], kind: FromPath[str], me: auth.Me, db: Db, state: State) -> Response[bytes]:
    """A paper about a booking, in the candidate's language: for the candidate, or for the centre to hand out."""
    async with db.read() as tx:
        await reach.has_papers(tx, me, booking_id)
        return await _pdf(tx, shelf.handed_out(kind), booking_id, state)


@get("/bookings/{booking_id:uuid}/result.pdf", include_in_schema=False, guards=[auth.may("results", "read")])
async def result(booking_id: FromPath[UUID], me: auth.Me, db: Db, state: State) -> Response[bytes]:
    """My result as a letter, for me alone."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        return await _pdf(tx, "result", booking_id, state)


@get("/centre/sessions/{session_id:uuid}/minutes.pdf", include_in_schema=False, guards=[auth.may("papers", "minutes")])
async def of_session(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[bytes]:
    """The minutes, for the manager of the centre and for nobody else."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        sheet = await minutes.of_session(tx, session_id, now=now)
    return pdf(await shelf.printed(sheet), f"{session_id}.pdf")


def pdf(content: bytes, name: str) -> Response[bytes]:
    """For the reader to keep; no copy of it stays on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


async def _pdf(tx: asyncpg.Connection, kind: Kind, booking_id: UUID, state: State) -> Response[bytes]:
    name, sheet = await shelf.compose(tx, kind, booking_id, settings=state.settings)
    return pdf(await shelf.printed(sheet), name)


HANDLERS = [one, result, of_session]
