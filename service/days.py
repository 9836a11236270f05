"""What a tablet needs for the day of a test, and what its reader has entered so far: for one seat on one jury.

Candidates are named and their granted measures told, nothing more. Nothing of the other members' entries is in it.
"""

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import entries, standards
from assessments.entries import Stored
from assessments.grids import Criterion, Grid, Indicator
from assessments.recordings import Role
from scheduling import sessions
from service import agenda
from service.i18n import Words
from service.personal_codes import VALUES
from service.refusals import NotFound
from service.settings import Settings, secret


class DaySession(Struct, frozen=True):
    """The session; `minutes`: how long the test takes without anybody's extra time."""

    id: UUID
    unit_code: str
    unit: str
    centre: str
    room: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    cancelled_at: datetime | None


class DayCandidate(Struct, frozen=True):
    """`measures`: what was granted, in the reader's language, never why."""

    booking_id: UUID
    name: str
    measures: tuple[str, ...]
    extra_minutes: int
    attended: bool


class DayPicture(Struct, frozen=True):
    """What the grid shows, under /pictures/, and its words."""

    sha256: str
    alt: str


class DayIndicator(Struct, frozen=True):
    """`guidance`: how to look at it, perhaps nothing."""

    code: str
    label: str
    eliminatory: bool
    guidance: str = ""
    picture: DayPicture | None = None


class DayCriterion(Struct, frozen=True):
    """`threshold`: how many of the indicators make it met; 0 in the observer's check-list, which decides nothing."""

    code: str
    label: str
    threshold: int
    indicators: tuple[DayIndicator, ...]
    guidance: str = ""
    picture: DayPicture | None = None


class DayGrid(Struct, frozen=True):
    """One of the reader's own grids that is submitted."""

    booking_id: UUID
    submitted_at: datetime
    digest: str


class Day(Struct, frozen=True):
    """`is_live` false: the seat is given back; then there is nothing to prepare, and what was entered is all there."""

    session: DaySession
    assessor_id: UUID
    role: Role
    is_live: bool
    candidates: tuple[DayCandidate, ...]
    criteria: tuple[DayCriterion, ...]
    entries: tuple[Stored, ...]
    submitted: tuple[DayGrid, ...]


async def read(tx: asyncpg.Connection, session_id: UUID, *, assessor_id: UUID, words: Words) -> Day:
    """The day of an evaluator or an observer. Refuses NotFound to who never sat on the jury, and to its manager."""
    seat = await tx.fetchrow(
        """select j.role, j.released_at is null as is_live from scheduling.jury_seats j
           where j.session_id = $1 and j.assessor_id = $2 and j.role <> 'manager'
           order by j.released_at is not null, j.given_at desc limit 1""",
        session_id,
        assessor_id,
    )
    if seat is None:
        raise NotFound
    session, line = await sessions.get(tx, session_id), await agenda.session(tx, session_id)
    content = (await standards.get(tx, session.standard_id)).content
    attendees = await agenda.attendees(tx, session_id) if seat["is_live"] else []
    return Day(
        session=DaySession(
            session_id, line.unit_code, words.label(line.unit_label), line.centre_name, line.room_name,
            session.starts_at, session.ends_at, content.duration_minutes, session.cancelled_at,
        ),
        assessor_id=assessor_id,
        role=seat["role"],
        is_live=seat["is_live"],
        candidates=tuple(_candidate(one, words) for one in attendees if one.release is None),
        criteria=tuple(_criteria(content.grid, seat["role"], words)) if seat["is_live"] else (),
        entries=tuple(await entries.of_session(tx, session_id, assessor_id=assessor_id)),
        submitted=tuple(await _submitted(tx, session_id, assessor_id)),
    )  # fmt: skip


def _candidate(one: agenda.Attendee, words: Words) -> DayCandidate:
    measures = tuple(words.gettext(VALUES.get(measure, measure)) for measure in one.measures)
    name = f"{one.given_name} {one.family_name}"
    return DayCandidate(one.booking_id, name, measures, one.extra_minutes, one.attended_at is not None)


def _criteria(grid: Grid, role: Role, words: Words) -> list[DayCriterion]:
    rated = [
        DayCriterion(
            criterion.code,
            words.label(criterion.label),
            criterion.threshold,
            tuple(
                DayIndicator(one.code, words.label(one.label), one.eliminatory, *_shown(one, words))
                for one in criterion.indicators
            ),
            *_shown(criterion, words),
        )
        for criterion in grid.criteria
    ]
    if role == "observer" and grid.conformity:
        items = tuple(DayIndicator(item.code, words.label(item.label), False) for item in grid.conformity)
        rated.append(DayCriterion("", words.gettext("Check-list of the observer"), 0, items))
    return rated


def _shown(thing: Criterion | Indicator, words: Words) -> tuple[str, DayPicture | None]:
    """The guidance and the picture of a criterion or an indicator."""
    picture = thing.picture
    shown = DayPicture(picture.sha256, words.label(picture.alt) if picture.alt else "") if picture else None
    return words.label(thing.guidance) if thing.guidance else "", shown


async def _submitted(tx: asyncpg.Connection, session_id: UUID, assessor_id: UUID) -> list[DayGrid]:
    rows = await tx.fetch(
        """select r.booking_id, r.submitted_at, r.digest
           from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id
           where b.session_id = $1 and r.assessor_id = $2 and r.submitted_at is not null""",
        session_id,
        assessor_id,
    )
    return [DayGrid(**row) for row in rows]


def spare_key(settings: Settings, account_id: UUID, session_id: UUID, device_id: UUID) -> bytes:
    """With what a device that is prepared wraps its key a second time: whoever forgot the PIN signs in and opens it."""
    about = f"day|{account_id}|{session_id}|{device_id}"
    return hmac.new(secret(settings), about.encode(), hashlib.sha256).digest()
