"""How each way of mending a session is done: by the verbs that a planner uses one at a time."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg

from scheduling import (
    availability_exceptions,
    closures,
    equipment_reservations,
    jury_seats,
    outages,
    priorities,
    rebookings,
    regrouping,
    sessions,
)
from scheduling.equipment_refusals import EquipmentCountedOn
from scheduling.repair_plans import Hit, Option, Trouble


class Failing(Protocol):
    """What fails, from when until when; of equipment `ends_at` may be None: nobody knows yet."""

    @property
    def centre_id(self) -> UUID: ...
    @property
    def trouble(self) -> Trouble: ...
    @property
    def subject_id(self) -> UUID: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def reason(self) -> str: ...


async def mend(
    tx: asyncpg.Connection, failing: Failing, hit: Hit, option: Option, *, by: UUID | None, now: datetime
) -> None:
    """Carry out one choice. Refuses whatever the verbs refuse, and EquipmentCountedOn to leave a test on a broken piece."""
    if option.kind == "swap" and option.to is not None:
        seat = next(seat for seat in hit.jury if seat.assessor_id == failing.subject_id)
        await jury_seats.release(tx, seat.seat_id, by=by, now=now)
        await jury_seats.give(tx, hit.id, option.to, seat.role, by=by, now=now)
    elif option.kind == "piece" and option.to is not None:
        await equipment_reservations.release(tx, hit.id, failing.subject_id, now=now)
        await equipment_reservations.reserve(tx, hit.id, option.to)
    elif option.kind == "fewer":
        await equipment_reservations.release(tx, hit.id, failing.subject_id, now=now)
        await sessions.resize(tx, hit.id, seats=hit.seats - 1, now=now)
    elif option.kind in ("room", "move") and option.to is not None and option.starts_at is not None:
        broken = _broken_then(failing, hit, option.starts_at)
        await sessions.move(tx, hit.id, starts_at=option.starts_at, room_id=option.to, broken=broken, by=by, now=now)
    elif option.kind == "leave" and failing.trouble == "equipment":
        raise EquipmentCountedOn
    elif option.kind in ("rebook", "cancel"):
        for booking_id, session_id in option.places:
            if session_id is not None:
                await rebookings.rebook(tx, booking_id, session_id, "repair", by=by, now=now)
            await priorities.grant(tx, booking_id, "cancelled_by_centre", by=by, now=now)
        await regrouping.cancel(tx, hit.id, reason=failing.reason, rebook=False, by=by, now=now)


def _broken_then(failing: Failing, hit: Hit, starts_at: datetime) -> UUID | None:
    """The piece that fails, if it still does when a session that begins at `starts_at` needs it."""
    shift = starts_at - hit.starts_at
    begins, ends = hit.occupied_from + shift, hit.occupied_until + shift
    lasts = failing.ends_at is None or begins < failing.ends_at
    return failing.subject_id if failing.trouble == "equipment" and lasts and failing.starts_at < ends else None


async def let_nobody_in(tx: asyncpg.Connection, failing: Failing) -> None:
    """Before it is looked at what counts on what fails: no session is planned in it, or with it, until all is done."""
    if failing.trouble in ("room", "centre"):
        await closures.hold(tx, centre_id=failing.centre_id, room_id=room_of(failing))
    elif failing.trouble == "equipment":
        await outages.hold(tx, failing.subject_id)


async def keep_out(tx: asyncpg.Connection, failing: Failing, *, by: UUID | None, now: datetime) -> None:
    """Nobody counts on it again before it is over: the assessor is away, the room or centre closed, the piece out of order."""
    if failing.trouble == "equipment":
        await outages.enter(
            tx,
            equipment_id=failing.subject_id,
            starts_at=failing.starts_at,
            ends_at=failing.ends_at,
            reason=failing.reason,
            by=by,
            now=now,
        )
        return
    assert failing.ends_at is not None  # as the table demands
    if failing.trouble == "assessor":
        await availability_exceptions.say(
            tx,
            assessor_id=failing.subject_id,
            starts_at=failing.starts_at,
            ends_at=failing.ends_at,
            can_come=False,
            by=by,
            now=now,
        )
    else:
        await closures.close(
            tx,
            centre_id=failing.centre_id,
            starts_at=failing.starts_at,
            ends_at=failing.ends_at,
            reason=failing.reason,
            room_id=room_of(failing),
            cause="repair",
            by=by,
            now=now,
        )


def room_of(failing: Failing) -> UUID | None:
    """The room that fails; None: all of the centre's."""
    return failing.subject_id if failing.trouble == "room" else None
