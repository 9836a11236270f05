"""Series: sessions planned by a wall-clock pattern, looked at before anything is written, and opened
together; and a session once more."""

from datetime import UTC, date, datetime, time
from typing import Annotated
from uuid import UUID

from litestar import Response, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments import units
from scheduling import copies, rooms, series
from scheduling.drafts import Seat
from scheduling.refusals import (
    EquipmentBusy,
    EquipmentShort,
    RoomBusy,
    RoomClosed,
    RoomUnsuitable,
    RuleUnreadable,
    SeriesChanged,
    SeriesTooLong,
)
from service import agenda, auth, obstacles, reach
from service.api.described import refusals
from service.api.fields import Language, Moment, UnitCode, refuse_unlikely
from service.obstacles import Obstacle
from service.problems import slug_of
from service.provide import Db, Now, Words

TAGS = ["series"]


class Pattern(Struct, frozen=True, forbid_unknown_fields=True):
    """`rule` is an RRULE of days (RFC 5545) that ends by itself; `at` is what the clock in Brussels shows, all year."""

    room_id: UUID
    unit: UnitCode
    language: Language
    seats: Annotated[int, Meta(ge=1, le=500, examples=[4])]
    rule: Annotated[str, Meta(max_length=200, examples=["FREQ=WEEKLY;BYDAY=TU;COUNT=6"])]
    first_day: Annotated[date, Meta(examples=["2027-01-05"])]
    at: Annotated[time, Meta(tz=False, examples=["09:00:00"])]
    jury: Annotated[tuple[Seat, ...], Meta(max_length=10)] = ()

    def __post_init__(self) -> None:
        refuse_unlikely(datetime(self.first_day.year, self.first_day.month, self.first_day.day, tzinfo=UTC))


class Chosen(Struct, frozen=True, forbid_unknown_fields=True):
    """A date of the preview: its moment, and the assessors who were missing then."""

    starts_at: Moment
    without: Annotated[tuple[UUID, ...], Meta(max_length=10)] = ()

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    pattern: Pattern
    dates: Annotated[list[Chosen], Meta(min_length=1, max_length=400)]


class Date(Struct, frozen=True):
    """A date of the pattern; one that is blocked cannot be ordered."""

    day: date
    starts_at: Moment | None
    which: str | None
    blocked: Obstacle | None
    missing: list[Obstacle]


class Left(Struct, frozen=True):
    """A session that stays a draft, and the rule that refuses it by its slug (see /problems)."""

    session_id: UUID
    refused: str


class Opened(Struct, frozen=True):
    """Which drafts of the series are open for booking now, and which are not; soonest first."""

    opened: list[UUID]
    left: list[Left]


class Copy(Struct, frozen=True, forbid_unknown_fields=True):
    room_id: UUID
    starts_at: Moment

    def __post_init__(self) -> None:
        refuse_unlikely(self.starts_at)


class Copied(Struct, frozen=True):
    """The draft. `missing`: whose seats stay to be given, and why."""

    session: agenda.SessionLine
    missing: list[Obstacle]


@post(
    "/series/preview",
    tags=TAGS,
    guards=[auth.may("sessions", "series")],
    status_code=200,
    responses=refusals(RuleUnreadable, SeriesTooLong),
)
async def preview(data: JSONBody[Pattern], me: auth.Me, db: Db, now: Now, words: Words) -> list[Date]:
    """Every date of the pattern with what stands in its way; nothing is written."""
    async with db.transaction() as tx:
        reach.runs_centre(me, (await rooms.get(tx, data.room_id)).centre_id)
        unit = await units.get(tx, data.unit)
        found = await series.preview(tx, _pattern(data, unit.id), by=me.id, now=now)
    return [
        Date(
            one.day,
            one.starts_at,
            one.which,
            obstacles.of(one.blocked, words) if one.blocked else None,
            [obstacles.of(each, words) for each in one.missing],
        )
        for one in found
    ]


@post(
    "/series",
    tags=TAGS,
    guards=[auth.may("sessions", "series")],
    responses=refusals(RuleUnreadable, SeriesTooLong, SeriesChanged),
)
async def plan(data: JSONBody[Order], me: auth.Me, db: Db, now: Now) -> list[UUID]:
    """Draft the chosen dates as the preview showed them, in one transaction: all of them or none."""
    async with db.transaction() as tx:
        reach.runs_centre(me, (await rooms.get(tx, data.pattern.room_id)).centre_id)
        unit = await units.get(tx, data.pattern.unit)
        chosen = [series.Choice(each.starts_at, each.without) for each in data.dates]
        return await series.plan(tx, _pattern(data.pattern, unit.id), chosen, by=me.id, now=now)


@put(
    "/sessions/{session_id:uuid}/series/opening",
    tags=TAGS,
    guards=[auth.may("sessions", "open")],
    responses=refusals(codes=(401, 403, 404)),
)
async def open_drafts(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Opened:
    """Open every draft to come of the series that the session is of, as far as it can be; of no series, that one alone. What
    cannot be opened stays a draft. Twice is once."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        found = await series.open_drafts(tx, session_id, by=me.id, now=now)
    return Opened(
        [each for each, rule in found.items() if rule is None],
        [Left(each, slug_of(rule)) for each, rule in found.items() if rule is not None],
    )


@post(
    "/sessions/{session_id:uuid}/copies",
    tags=TAGS,
    guards=[auth.may("sessions", "copy")],
    responses=refusals(RoomBusy, RoomClosed, RoomUnsuitable, EquipmentShort, EquipmentBusy),
)
async def copy(
    session_id: FromPath[UUID], data: JSONBody[Copy], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Copied]:
    """Draft the same test at another time, with equipment of its own and as much of the jury as is free."""
    with obstacles.named(words):
        async with db.transaction() as tx:
            await reach.runs_session(tx, me, session_id)
            reach.runs_centre(me, (await rooms.get(tx, data.room_id)).centre_id)
            made = await copies.copy(tx, session_id, room_id=data.room_id, starts_at=data.starts_at, by=me.id, now=now)
            if made.blocked is not None:
                raise made.blocked.rule(made.blocked)
            assert made.session_id is not None
            line = await agenda.session(tx, made.session_id)
    copied = Copied(line, [obstacles.of(each, words) for each in made.missing])
    return Response(copied, status_code=201, headers={"Location": f"/api/v1/sessions/{made.session_id}"})


def _pattern(asked: Pattern, unit_id: UUID) -> series.Pattern:
    return series.Pattern(
        asked.room_id, unit_id, asked.language, asked.seats, asked.rule, asked.first_day, asked.at, asked.jury
    )


HANDLERS = [preview, plan, open_drafts, copy]
