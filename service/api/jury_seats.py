"""Jury seats: who evaluates, who observes, who manages a session."""

from typing import Annotated
from uuid import UUID

from litestar import Response, delete, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from scheduling import jury_seats
from scheduling.refusals import (
    AssessorAlreadySeated,
    AssessorAway,
    AssessorBusy,
    AssessorKnowsCandidate,
    AssessorLeaving,
    AssessorOutOfReach,
    AssessorOverLimit,
    AssessorUnqualified,
    JuryIncomplete,
    LanguageNotSpoken,
    ManagerAlreadySeated,
    ManagerNotOfCentre,
    NotInThatState,
    ObserverNotExternal,
    SeatsExceedCapacity,
    SessionOver,
)
from service import auth, reach
from service.api.described import refusals
from service.provide import Db, Now

Despite = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")] | None


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """`despite`: why the seat is given against what the assessor has said of their time."""

    assessor_id: UUID
    role: jury_seats.Role
    despite: Despite = None


class Replacement(Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes the seat; `despite` as in Order."""

    assessor_id: UUID
    despite: Despite = None


GIVING = (
    AssessorAlreadySeated, AssessorLeaving, AssessorAway, AssessorBusy, AssessorOutOfReach, AssessorOverLimit,
    AssessorKnowsCandidate, AssessorUnqualified, LanguageNotSpoken, ManagerAlreadySeated, ManagerNotOfCentre,
    ObserverNotExternal, SessionOver,
)  # fmt: skip


@post(
    "/sessions/{session_id:uuid}/jury-seats",
    tags=["jury seats"],
    guards=[auth.may("jury_seats", "give")],
    responses=refusals(*GIVING),
)
async def give(
    session_id: FromPath[UUID], data: JSONBody[Order], me: auth.Me, db: Db, now: Now
) -> Response[jury_seats.JurySeat]:
    """Seat an assessor; they get an invitation for their calendar."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        await reach.knows_assessor(tx, data.assessor_id)
        seat_id = await jury_seats.give(
            tx, session_id, data.assessor_id, data.role, by=me.id, now=now, despite=data.despite
        )
        seat = next(seat for seat in await jury_seats.of_session(tx, session_id) if seat.id == seat_id)
    return Response(seat, status_code=201)


@post(
    "/jury-seats/{seat_id:uuid}/replacement",
    tags=["jury seats"],
    guards=[auth.may("jury_seats", "replace")],
    responses=refusals(*GIVING, NotInThatState),
)
async def replace(
    seat_id: FromPath[UUID], data: JSONBody[Replacement], me: auth.Me, db: Db, now: Now
) -> Response[jury_seats.JurySeat]:
    """Give the seat to somebody else in one step, also once the list is closed; both are told."""
    async with db.transaction() as tx:
        await reach.runs_jury_seat(tx, me, seat_id)
        await reach.knows_assessor(tx, data.assessor_id)
        new_id = await jury_seats.replace(tx, seat_id, data.assessor_id, by=me.id, now=now, despite=data.despite)
        session_id = await jury_seats.session_of(tx, new_id)
        seat = next(seat for seat in await jury_seats.of_session(tx, session_id) if seat.id == new_id)
    return Response(seat, status_code=201)


@delete(
    "/jury-seats/{seat_id:uuid}",
    tags=["jury seats"],
    guards=[auth.may("jury_seats", "release")],
    responses=refusals(NotInThatState, JuryIncomplete, SeatsExceedCapacity, codes=(401, 403, 404)),
)
async def release(seat_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """Free the seat before the test begins. Once the list is closed, nobody leaves who is not replaced."""
    async with db.transaction() as tx:
        await reach.runs_jury_seat(tx, me, seat_id)
        await jury_seats.release(tx, seat_id, by=me.id, now=now)


HANDLERS = [give, replace, release]
