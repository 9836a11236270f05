"""The day itself: identity seen, contract signed, or nobody came."""

from uuid import UUID

import asyncpg
from litestar import delete, put
from litestar.params import FromPath
from msgspec import structs

from scheduling import attendance, bookings
from scheduling.attendance_refusals import AbsentTooEarly, AttendanceInUse
from scheduling.refusals import CandidateBusy, NotInThatState, SessionFull, SessionOver, UnitAlreadyBooked
from service import agenda, auth, reach
from service.api.described import refusals
from service.provide import Db, Now

TAGS = ["attendance"]
RESPONSES = refusals(NotInThatState, codes=(401, 403, 404))


@put(
    "/bookings/{booking_id:uuid}/identity-check",
    tags=TAGS,
    guards=[auth.may("attendance", "note")],
    responses=RESPONSES,
)
async def check_in(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """The identity was seen, in a locked session that has not ended. Twice is once."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await attendance.check_in(tx, booking_id, by=me.id, now=now)
        return await _without_result(tx, booking_id)


@put("/bookings/{booking_id:uuid}/contract", tags=TAGS, guards=[auth.may("attendance", "note")], responses=RESPONSES)
async def sign_contract(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """The test contract is signed: the candidate is insured. After the identity check. Twice is once."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await attendance.sign_contract(tx, booking_id, now=now)
        return await _without_result(tx, booking_id)


@put(
    "/bookings/{booking_id:uuid}/no-show",
    tags=TAGS,
    guards=[auth.may("attendance", "note")],
    responses=refusals(NotInThatState, AbsentTooEarly, codes=(401, 403, 404)),
)
async def mark_no_show(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """The candidate did not come, and sent no word. From the hour of the test on."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await bookings.release_seat(tx, booking_id, "no_show", by=me.id, now=now)
        return await _without_result(tx, booking_id)


@delete(
    "/bookings/{booking_id:uuid}/identity-check",
    tags=TAGS,
    guards=[auth.may("attendance", "note")],
    status_code=200,
    responses=refusals(NotInThatState, SessionOver, AttendanceInUse, codes=(401, 403, 404)),
)
async def take_back_check_in(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """It was noted by mistake; the contract goes with it. Until the test has ended, and while no grid was begun."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await attendance.take_back_check_in(tx, booking_id, by=me.id, now=now)
        return await _without_result(tx, booking_id)


@delete(
    "/bookings/{booking_id:uuid}/no-show",
    tags=TAGS,
    guards=[auth.may("attendance", "note")],
    status_code=200,
    responses=refusals(
        NotInThatState,
        SessionOver,
        AttendanceInUse,
        SessionFull,
        UnitAlreadyBooked,
        CandidateBusy,
        codes=(401, 403, 404),
    ),
)
async def take_back_absence(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> agenda.BookingLine:
    """It was noted by mistake: the candidate has the seat again. Until the test has ended."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await attendance.take_back_absence(tx, booking_id, by=me.id, now=now)
        return await _without_result(tx, booking_id)


async def _without_result(tx: asyncpg.Connection, booking_id: UUID) -> agenda.BookingLine:
    """Attendance never says the result: reception reads this too."""
    return structs.replace(await agenda.booking(tx, booking_id), result=None, decision_id=None, recognised=None)


HANDLERS = [check_in, sign_contract, mark_no_show, take_back_check_in, take_back_absence]
