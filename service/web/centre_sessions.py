"""One session at its centre: what is in it, and the next step in its life."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from scheduling import attendance, invitations, jury_seats, seats, series, sessions
from service import agenda, auth, desk, reach
from service.db import Database
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Step = str


class Picture(Struct, frozen=True):
    """A session with everyone and everything in it. `drafts`: how many its series still has, while it is one of them."""

    line: agenda.SessionLine
    facts: sessions.Session
    rules: desk.Rules
    jury: list[jury_seats.JurySeat]
    attendees: list[agenda.Attendee]
    pieces: list[agenda.Piece]
    progress: dict[UUID, desk.Progress]
    onward: dict[UUID, desk.Onward]
    asked: dict[UUID, invitations.Invitation]
    drafts: int

    @property
    def expected(self) -> list[agenda.Attendee]:
        """Those who hold a seat."""
        return [who for who in self.attendees if who.release is None]

    @property
    def listed(self) -> list[agenda.Attendee]:
        """All but those who were moved away and are back: they have a line with their new place."""
        back = {key for key, one in self.onward.items() if one.session_id == self.line.id}
        return [who for who in self.attendees if who.booking_id not in back]

    @property
    def ready(self) -> int:
        """How many are checked in with a signed contract."""
        return sum(who.contract_signed_at is not None for who in self.expected)

    def at_stage(self, *stages: desk.Stage) -> int:
        return sum(one.stage(self.rules) in stages for one in self.progress.values())

    @property
    def done(self) -> dict[Step, datetime | bool | None]:
        """Each step of the session's life in order: when it was done, or whether."""
        judged = bool(self.facts.ended_at) and not self.at_stage("grids", "deliberation", "decision")
        told = judged and not self.at_stage("release")
        return {
            "jury": self.facts.locked_at is not None or self.rules.jury_complete,
            "open": self.facts.opened_at,
            "lock": self.facts.locked_at,
            "day": bool(self.facts.started_at)
            or (self.facts.locked_at is not None and self.ready == len(self.expected)),
            "start": self.facts.started_at,
            "end": self.facts.ended_at,
            **({"judge": judged} if self.rules.decides else {}),
            "release": self.facts.closed_at or told,
        }

    @property
    def next_step(self) -> Step | None:
        """The one thing to do now; None when nothing is left, or the session is cancelled."""
        if self.facts.cancelled_at is not None:
            return None
        return next((step for step, done in self.done.items() if not done), None)


@get("/centre/sessions/{session_id:uuid}", include_in_schema=False, guards=[auth.may("sessions", "manage")])
async def session_page(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now
) -> Response[str]:
    """The session with its one next step, its jury, its candidates and its equipment."""
    async with db.read() as tx:
        await reach.runs_session(tx, me, session_id)
        picture = await _picture(tx, session_id, now)
    return _page(request, picture, now)


@post("/centre/sessions/{session_id:uuid}/opening", include_in_schema=False, guards=[auth.may("sessions", "open")])
async def open_for_booking(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Let candidates book."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await sessions.open_for_booking(tx, session_id, by=me.id, now=now)
    return await _after(request, db, session_id, no, words, now)


@post("/centre/sessions/{session_id:uuid}/lock", include_in_schema=False, guards=[auth.may("sessions", "lock")])
async def lock(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Close the list; the summonses go out."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await sessions.lock(tx, session_id, by=me.id, now=now)
    return await _after(request, db, session_id, no, words, now)


@post("/centre/sessions/{session_id:uuid}/start", include_in_schema=False, guards=[auth.may("sessions", "run")])
async def start(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Begin the test: everyone checked in attends."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await seats.expire(tx, now=now, session_id=session_id)
            await sessions.start(tx, session_id, by=me.id, now=now)
            await attendance.attend_all(tx, session_id, now=now)
    return await _after(request, db, session_id, no, words, now)


@post("/centre/sessions/{session_id:uuid}/end", include_in_schema=False, guards=[auth.may("sessions", "run")])
async def end(
    session_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """End the test."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            await sessions.end(tx, session_id, by=me.id, now=now)
    return await _after(request, db, session_id, no, words, now)


async def _after(
    request: Request[Any, Any, Any], db: Database, session_id: UUID, no: Declined, words: Words, now: datetime
) -> Response[Any]:
    """Back to the page; or the page as it stands, with the reason why nothing changed."""
    if no.refusal is None:
        return Redirect(f"/centre/sessions/{session_id}", status_code=303)
    async with db.read() as tx:
        picture = await _picture(tx, session_id, now)
    return _page(request, picture, now, status=no.status, errors=no.errors(words))


async def _picture(tx: asyncpg.Connection, session_id: UUID, now: datetime) -> Picture:
    line = await agenda.session(tx, session_id)
    return Picture(
        line=line,
        facts=await sessions.get(tx, session_id),
        rules=await desk.rules(tx, session_id),
        jury=await jury_seats.of_session(tx, session_id),
        attendees=await agenda.attendees(tx, session_id),
        pieces=await agenda.pieces(tx, session_id),
        progress=await desk.progress(tx, session_id),
        onward=await desk.onward(tx, session_id),
        asked={one.seat_id: one for one in await invitations.of_session(tx, session_id)},
        drafts=len(await series.drafts_beside(tx, session_id, now=now)) if line.state == "draft" else 0,
    )


def _page(
    request: Request[Any, Any, Any],
    picture: Picture,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return render(
        request,
        "centre/session.html",
        status=status,
        errors=errors or {},
        picture=picture,
        line=picture.line,
        late=picture.line.is_due(now),
        rules=picture.rules,
        kinds=desk.kinds(),
    )


HANDLERS = [session_page, open_for_booking, lock, start, end]
