"""Papers to take away as PDF: the candidate's own, what the centre hands out, and the minutes for the file."""

from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from service import auth, reach
from service.papers import minutes, shelf
from service.provide import Db, Now
from service.refusals import NotFound

HANDED_OUT = ("convocation", "enrolment", "attendance")  # by the centre too; a result is the candidate's alone


@get("/bookings/{booking_id:uuid}/papers/{kind:str}", include_in_schema=False, guards=[auth.candidate])
async def mine(booking_id: FromPath[UUID], kind: FromPath[str], me: auth.Me, db: Db, state: State) -> Response[bytes]:
    """A paper about my booking, in the language I chose for letters."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        name, sheet = await shelf.compose(tx, shelf.known(kind), booking_id, base_url=state.settings.base_url)
    return pdf(await shelf.printed(sheet), name)


@get("/centre/bookings/{booking_id:uuid}/papers/{kind:str}", include_in_schema=False, guards=[auth.planner])
async def of_candidate(
    booking_id: FromPath[UUID], kind: FromPath[str], me: auth.Me, db: Db, state: State
) -> Response[bytes]:
    """A paper that the centre prints for a candidate, in the candidate's language."""
    if kind not in HANDED_OUT:
        raise NotFound
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
        name, sheet = await shelf.compose(tx, shelf.known(kind), booking_id, base_url=state.settings.base_url)
    return pdf(await shelf.printed(sheet), name)


@get("/centre/sessions/{session_id:uuid}/minutes.pdf", include_in_schema=False, guards=[auth.manager])
async def of_session(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[bytes]:
    """The minutes, for the manager of the centre and for nobody else."""
    if me.role != "manager":
        raise NotFound
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        sheet = await minutes.of_session(tx, session_id, now=now)
    return pdf(await shelf.printed(sheet), f"{session_id}.pdf")


def pdf(content: bytes, name: str) -> Response[bytes]:
    """For the reader to keep; no copy of it stays on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


HANDLERS = [mine, of_candidate, of_session]
