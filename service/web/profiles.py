"""The profile of a screening: scores by domain, given to the candidate when the evaluator has submitted."""

from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from assessments import profiles, recordings, standards
from assessments.marking import Score, profile
from assessments.refusals import NotFound
from service import agenda, assessing, auth, desk, reach
from service.db import Database
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render


class File(Struct, frozen=True):
    """A screening's result: what would be released, or what was."""

    person: desk.Person
    line: agenda.SessionLine
    standard: standards.Standard
    scores: tuple[Score, ...]
    released: profiles.Profile | None


@get("/centre/bookings/{booking_id:uuid}/profile", include_in_schema=False, guards=[auth.may("decisions", "file")])
async def profile_page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """The scores as bars and as a table."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    return await _page(request, db, booking_id, words)


@post("/centre/bookings/{booking_id:uuid}/profile", include_in_schema=False, guards=[auth.may("decisions", "release")])
async def release(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Give it to the candidate. Twice is once."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await profiles.release(tx, booking_id, now=now)
    if no.refusal is None:
        return Redirect(f"/centre/bookings/{booking_id}/profile", status_code=303)
    return await _page(request, db, booking_id, words, status=no.status, errors=no.errors(words))


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    booking_id: UUID,
    words: Words,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        file = await _file(tx, booking_id)
    labels = assessing.labels(file.standard.content.grid, words)
    return render(request, "deliberations/profile.html", status=status, errors=errors or {}, file=file, labels=labels)


async def _file(tx: asyncpg.Connection, booking_id: UUID) -> File:
    person = await desk.person(tx, booking_id)
    standard = await standards.of_booking(tx, booking_id)
    try:
        released = await profiles.of_booking(tx, booking_id)
    except NotFound:
        released = None
    return File(
        person,
        await agenda.session(tx, person.session_id),
        standard,
        released.scores if released else await _scores(tx, booking_id, standard),
        released,
    )


async def _scores(tx: asyncpg.Connection, booking_id: UUID, standard: standards.Standard) -> tuple[Score, ...]:
    """By the recording that would count: of two evaluators' the one submitted first. Empty before that."""
    submitted = [
        (one.submitted_at, one.id, one)
        for one in await recordings.of_booking(tx, booking_id)
        if one.role == "evaluator" and one.submitted_at
    ]
    return profile(standard.content.grid, min(submitted)[2].ratings) if submitted else ()


HANDLERS = [profile_page, release]
