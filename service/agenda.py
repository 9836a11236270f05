"""Sessions and bookings as their readers need them: one picture each, across the domains."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import recognitions
from scheduling import bookings, jury_seats, sessions
from service.i18n import BRUSSELS

FACTS_OF_SESSION = sessions.Session.__struct_fields__
FACTS_OF_BOOKING = bookings.Booking.__struct_fields__


class SessionLine(Struct, frozen=True):
    """A session in a list. Times in UTC."""

    id: UUID
    state: sessions.State
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    scheme: str
    language: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    taken: int
    centre_code: str
    centre_name: str
    room_id: UUID
    room_name: str

    @property
    def is_to_come(self) -> bool:
        """Whether it can still be moved, merged or cancelled: its test has not begun, and nobody has cancelled it."""
        return self.state in ("draft", "open", "full", "locked")

    def is_due(self, now: datetime) -> bool:
        """Whether the hour of its test has come: nobody books it any more."""
        return self.starts_at <= now

    def is_before_its_day(self, now: datetime) -> bool:
        """Whether the day of the test, in Brussels, is still to come: nobody can be received then."""
        return now.astimezone(BRUSSELS).date() < self.starts_at.astimezone(BRUSSELS).date()

    def turns_away(self, now: datetime) -> bool:
        """Whether somebody can have come in vain (scheduling.turnings_away): on the day, or once it was begun."""
        return self.state == "running" or not self.is_before_its_day(now)


class Attendee(Struct, frozen=True):
    """Who comes, as centre and jury may see them: the name, the granted measures, the steps of the day."""

    booking_id: UUID
    state: bookings.State
    given_name: str
    family_name: str
    extra_minutes: int
    measures: tuple[str, ...]
    checked_in_at: datetime | None
    contract_signed_at: datetime | None
    attended_at: datetime | None
    release: bookings.Release | None


class Piece(Struct, frozen=True):
    """A piece of equipment that a session holds."""

    id: UUID
    kind: str
    name: str


class Session(Struct, frozen=True):
    """A session with everyone and everything in it."""

    session: SessionLine
    jury: list[jury_seats.JurySeat]
    bookings: list[Attendee]
    equipment: list[Piece]


class BookingLine(Struct, frozen=True):
    """A booking as its candidate reads it; `result` once it is released, of an EVC a pass where `recognised` says what.
    `held_until`: confirm it before."""

    id: UUID
    state: bookings.State
    release: bookings.Release | None
    session_id: UUID
    unit_code: str
    unit_label: dict[str, str]
    scheme: str
    language: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    centre_name: str
    room_name: str
    street: str
    postcode: str
    municipality: str
    result: Literal["pass", "fail"] | None
    decision_id: UUID | None
    recognised: recognitions.Result | None = None


async def sessions_of_centre(
    tx: asyncpg.Connection,
    centre_id: UUID | None,
    *,
    since: datetime,
    until: datetime,
    limit: int,
    after: UUID | None = None,
) -> list[SessionLine]:
    """Sessions that begin within the range, soonest first; None asks for every centre. `after`: the last one of the part
    before, which began at `since`."""
    rows = await tx.fetch(
        """select l.* from service.session_lines l
           where ($1::uuid is null or l.centre_id = $1) and l.starts_at < $3
             and (l.starts_at, l.id) > ($2, coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))
           order by l.starts_at, l.id limit $4""",
        centre_id,
        since,
        until,
        limit,
        after,
    )
    return [_session_line(row) for row in rows]


async def sessions_of_assessor(
    tx: asyncpg.Connection,
    assessor_id: UUID,
    *,
    since: datetime,
    until: datetime,
    limit: int,
    after: UUID | None = None,
) -> list[SessionLine]:
    """Sessions within the range on whose jury the assessor sits, soonest first."""
    rows = await tx.fetch(
        """select l.* from service.session_lines l
           where l.id in (select j.session_id from scheduling.jury_seats j
                          where j.assessor_id = $1 and j.released_at is null)
             and l.starts_at < $3
             and (l.starts_at, l.id) > ($2, coalesce($5::uuid, '00000000-0000-0000-0000-000000000000'))
           order by l.starts_at, l.id limit $4""",
        assessor_id,
        since,
        until,
        limit,
        after,
    )
    return [_session_line(row) for row in rows]


async def session(tx: asyncpg.Connection, session_id: UUID) -> SessionLine:
    """One session that is known to exist: service.reach asked before."""
    row = await tx.fetchrow("select l.* from service.session_lines l where l.id = $1", session_id)
    assert row is not None
    return _session_line(row)


async def attendees(tx: asyncpg.Connection, session_id: UUID) -> list[Attendee]:
    """Everyone booked in a session, by name; those whose seat is free again come last."""
    rows = await tx.fetch(
        """select b.*, lower(b.during) as starts_at, upper(b.during) as ends_at, c.given_name, c.family_name,
                  array(select a.measure from assessments.accommodations a
                        where a.candidate_id = b.candidate_id and a.granted_at is not null order by 1) as measures
           from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id
           where b.session_id = $1
           order by b.released_at is not null, c.family_name, c.given_name, b.id""",
        session_id,
    )
    return [_attendee(row) for row in rows]


async def pieces(tx: asyncpg.Connection, session_id: UUID) -> list[Piece]:
    """The equipment a session holds."""
    rows = await tx.fetch(
        """select e.id, e.kind, e.name
           from scheduling.equipment_reservations q join scheduling.equipment e on e.id = q.equipment_id
           where q.session_id = $1 and q.released_at is null order by e.kind, e.name""",
        session_id,
    )
    return [Piece(**row) for row in rows]


async def whole(tx: asyncpg.Connection, session_id: UUID, *, to_jury: bool) -> Session:
    """One session that is known to exist, with everyone and everything in it; its jury reads only who holds a place."""
    booked = await attendees(tx, session_id)
    return Session(
        session=await session(tx, session_id),
        jury=await jury_seats.of_session(tx, session_id),
        bookings=[who for who in booked if who.release is None or not to_jury],
        equipment=await pieces(tx, session_id),
    )


async def bookings_of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[BookingLine]:
    """All of a candidate's bookings, newest test first."""
    rows = await tx.fetch(
        "select l.* from service.booking_lines l where l.candidate_id = $1 order by l.starts_at desc, l.id",
        candidate_id,
    )
    return [_booking_line(row) for row in rows]


async def booking(tx: asyncpg.Connection, booking_id: UUID) -> BookingLine:
    """One booking that is known to exist: service.reach asked before."""
    row = await tx.fetchrow("select l.* from service.booking_lines l where l.id = $1", booking_id)
    assert row is not None
    return _booking_line(row)


async def place_of(tx: asyncpg.Connection, candidate_id: UUID, unit_id: UUID, *, now: datetime) -> UUID | None:
    """The booking of a unit that a candidate has to come to, or holds: there is at most one (unit_already_booked)."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """select b.id from scheduling.bookings b
           where b.candidate_id = $1 and b.unit_id = $2 and b.released_at is null and b.closed_at is null
             and upper(b.during) > $3""",
        candidate_id,
        unit_id,
        now,
    )


def _session_line(row: asyncpg.Record) -> SessionLine:
    facts = sessions.Session(**{name: row[name] for name in FACTS_OF_SESSION})
    return msgspec.convert({**row, "state": facts.state}, SessionLine)


def _attendee(row: asyncpg.Record) -> Attendee:
    return msgspec.convert({**row, "booking_id": row["id"], "state": _booking(row).state}, Attendee)


def _booking_line(row: asyncpg.Record) -> BookingLine:
    return msgspec.convert({**row, "state": _booking(row).state}, BookingLine)


def _booking(row: asyncpg.Record) -> bookings.Booking:
    return bookings.Booking(**{name: row[name] for name in FACTS_OF_BOOKING})
