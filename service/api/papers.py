"""Papers as PDF, in the candidate's language: for the candidate, and but for the result for their centre."""

from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from service import auth, reach
from service.api.described import refusals
from service.papers import minutes, shelf
from service.papers.shelf import Kind
from service.provide import Db, Now

TAGS = ["papers"]
PDF = "application/pdf"


@get(
    "/bookings/{booking_id:uuid}/papers",
    tags=TAGS,
    guards=[auth.may("papers", "list")],
    responses=refusals(codes=(401, 403, 404)),
)
async def offered(booking_id: FromPath[UUID], me: auth.Me, db: Db) -> list[Kind]:
    """Which papers there are about one of my bookings now; the result has its own address."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        return await shelf.offered(tx, booking_id)


@get(
    "/bookings/{booking_id:uuid}/papers/{kind:str}",
    tags=TAGS,
    guards=[auth.may("papers", "fetch")],
    media_type=PDF,
    responses=refusals(codes=(401, 403, 404)),
)
async def one(booking_id: FromPath[UUID], kind: FromPath[str], me: auth.Me, db: Db, state: State) -> Response[bytes]:
    """A tagged PDF (PDF/A-2a, PDF/UA-1): `convocation`, `enrolment` or `attendance`. 404: none such (yet), or not for
    you."""
    async with db.read() as tx:
        await reach.has_papers(tx, me, booking_id)
        _, sheet = await shelf.compose(tx, shelf.handed_out(kind), booking_id, settings=state.settings)
    return Response(await shelf.printed(sheet), media_type=PDF)


@get(
    "/bookings/{booking_id:uuid}/result.pdf",
    tags=TAGS,
    guards=[auth.may("results", "read")],
    media_type=PDF,
    responses=refusals(codes=(401, 403, 404)),
)
async def result(booking_id: FromPath[UUID], me: auth.Me, db: Db, state: State) -> Response[bytes]:
    """My result as a letter, once it is released."""
    async with db.read() as tx:
        await reach.holds_booking(tx, me, booking_id)
        _, sheet = await shelf.compose(tx, "result", booking_id, settings=state.settings)
    return Response(await shelf.printed(sheet), media_type=PDF)


@get(
    "/sessions/{session_id:uuid}/minutes",
    tags=TAGS,
    guards=[auth.may("papers", "minutes")],
    media_type=PDF,
    responses=refusals(codes=(401, 403, 404)),
)
async def of_session(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[bytes]:
    """The minutes of a session of my centre, once its test has ended."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        sheet = await minutes.of_session(tx, session_id, now=now)
    return Response(await shelf.printed(sheet), media_type=PDF)


HANDLERS = [offered, one, result, of_session]
