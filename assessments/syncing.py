"""What a device brings after hours without a network: in its order, once, and nothing of it lost.

An entry that cannot count any more (the session was cancelled, the grid is submitted, the seat is somebody else's) is
kept and set aside with its reason. One for a candidate whom the centre has not marked as present yet waits, and counts
as soon as a recording can begin.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from assessments import entries, ratings, recordings
from assessments.entries import Entry, SetAside
from assessments.recordings import Role
from assessments.refusals import EntryOutOfOrder, NotFound


class Batch(Struct, frozen=True, forbid_unknown_fields=True):
    """What one device sends: the entries that it does not know to be stored, in their order."""

    device_id: UUID
    entries: Annotated[list[Entry], Meta(max_length=200)]


class Seat(Struct, frozen=True):
    """As what somebody sits, or sat, on a jury."""

    role: Role
    is_live: bool
    is_cancelled: bool


class Case(Struct, frozen=True):
    """Where one candidate's test stands, for one assessor."""

    attended: bool
    recording_id: UUID | None
    submitted: bool
    deliberated: bool


async def take(
    tx: asyncpg.Connection,
    session_id: UUID,
    batch: Batch,
    *,
    assessor_id: UUID,
    now: datetime,
) -> None:
    """Store a batch and let it count; the same batch again changes nothing.

    Refuses NotFound (no seat, or a candidate of another session), EntryOutOfOrder (something before it is missing).
    """
    seat = await _hold(tx, session_id, assessor_id)
    ids = [one.id for one in batch.entries]
    stored, last = await entries.known(tx, ids, assessor_id=assessor_id, device_id=batch.device_id)
    new = sorted((one for one in batch.entries if one.id not in stored), key=lambda one: one.sequence)
    if [one.sequence for one in new] != list(range(last + 1, last + 1 + len(new))):
        raise EntryOutOfOrder
    judged = []
    for booking_id in dict.fromkeys(one.booking_id for one in new):
        case = await _case(tx, session_id, booking_id, assessor_id)
        codes = await _codes(tx, booking_id, seat.role)
        judged += [(one, _set_aside(one, seat, case, codes)) for one in new if one.booking_id == booking_id]
    await entries.add(tx, judged, assessor_id=assessor_id, role=seat.role, device_id=batch.device_id, now=now)
    if seat.is_live and not seat.is_cancelled:
        await _count(tx, session_id, seat, assessor_id, now=now)


async def sits(tx: asyncpg.Connection, session_id: UUID, booking_id: UUID, assessor_id: UUID) -> None:
    """The assessor evaluates or observes, or did, in the session of this booking. Refuses NotFound."""
    await _hold(tx, session_id, assessor_id)
    await _case(tx, session_id, booking_id, assessor_id)


async def _hold(tx: asyncpg.Connection, session_id: UUID, assessor_id: UUID) -> Seat:
    """The session first, so that it is not cancelled meanwhile; then the seat, so that two devices come one by one."""
    await tx.execute("select scheduling.hold_seat($1, $2)", session_id, assessor_id)
    row = await tx.fetchrow(
        """select j.role, j.released_at is null as is_live, s.cancelled_at is not null as is_cancelled
           from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
           where j.session_id = $1 and j.assessor_id = $2 and j.role <> 'manager'
           order by j.released_at is not null, j.given_at desc limit 1""",
        session_id,
        assessor_id,
    )
    if row is None:
        raise NotFound
    return Seat(**row)


async def _case(tx: asyncpg.Connection, session_id: UUID, booking_id: UUID, assessor_id: UUID) -> Case:
    """Under the recording's lock, as submitting takes it: before the submission, or after it."""
    await tx.execute(
        "select from assessments.recordings where booking_id = $1 and assessor_id = $2 for no key update",
        booking_id,
        assessor_id,
    )
    row = await tx.fetchrow(
        """select b.attended_at is not null as attended, r.id as recording_id, r.submitted_at is not null as submitted,
                  exists (select from assessments.deliberations d where d.booking_id = b.id)
                      or exists (select from assessments.recognitions g where g.booking_id = b.id) as deliberated
           from scheduling.bookings b
           left join assessments.recordings r on r.booking_id = b.id and r.assessor_id = $3
           where b.id = $1 and b.session_id = $2""",
        booking_id,
        session_id,
        assessor_id,
    )
    if row is None:
        raise NotFound
    return Case(**row)


async def _codes(tx: asyncpg.Connection, booking_id: UUID, role: Role) -> set[str]:
    rows = await tx.fetch("select code from assessments.expected_indicators($1, $2) as e(code)", booking_id, role)
    return {row["code"] for row in rows}


def _set_aside(entry: Entry, seat: Seat, case: Case, codes: set[str]) -> SetAside | None:
    if seat.is_cancelled:
        return "session_cancelled"
    if not seat.is_live:
        return "not_in_jury"
    if entry.indicator is not None and entry.indicator not in codes:
        return "indicator_unknown"
    return "recording_submitted" if case.submitted or case.deliberated else None


async def _count(tx: asyncpg.Connection, session_id: UUID, seat: Seat, assessor_id: UUID, *, now: datetime) -> None:
    """Begin the recordings that can begin, also for what waited, and bring every open one up to its entries."""
    rows = await tx.fetch(
        """select distinct b.id from assessments.entries e join scheduling.bookings b on b.id = e.booking_id
           where b.session_id = $1 and e.assessor_id = $2 and e.indicator is not null and e.set_aside is null""",
        session_id,
        assessor_id,
    )
    for row in rows:
        case = await _case(tx, session_id, row["id"], assessor_id)
        if case.recording_id is None and case.attended and not case.deliberated:
            await recordings.start(tx, row["id"], assessor_id, seat.role, now=now)
        elif case.recording_id is not None and not case.submitted:
            await ratings.derive(tx, case.recording_id)
