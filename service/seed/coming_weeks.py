"""Sessions from today on: what can be booked, and what the people of the demonstration have to do."""

from datetime import date, datetime, time, timedelta
from typing import Literal

import asyncpg
from msgspec import Struct

from scheduling import refusals, sessions
from service import db
from service.i18n import BRUSSELS
from service.seed import places, planning, sittings
from service.seed.diary import brussels
from service.seed.replay import Part, Replay, Role, Seat, Sitting, data

PLANNED = timedelta(days=21)
DAYS_TRIED = 9
TAKEN = (refusals.RoomBusy, refusals.RoomClosed, refusals.EquipmentShort, refusals.EquipmentBusy, refusals.AssessorBusy)


class Pattern(Struct, frozen=True, forbid_unknown_fields=True):
    """`weeks` counts from next Monday; `weekday` 1 is Monday. `jury`: keys of assessors.toml; observers' begin so."""

    unit: str
    weekday: int
    clock: time
    weeks: tuple[int, ...]
    seats: int
    language: Literal["fr", "nl", "en"] = "fr"
    centre: str = ""
    booked: int = 0
    jury: tuple[str, ...] = ()
    is_locked: bool = False


class Patterns(Struct, frozen=True, forbid_unknown_fields=True):
    sessions: tuple[Pattern, ...]


# The shortest grids of Digitalcity's validations, with the jury that has accounts: to be played on the next working day…
TOMORROW = Pattern("TPCR-2", 0, time(9), (0,), seats=4, booked=1, jury=("evaluator", "observer"))
# …a construction day of eight candidates, its list closed: for three tablets and a desk…
PAINTERS = ("evaluator.construcity", "colleague.construcity", "observer.construcity")
CONSTRUCTION_DAY = Pattern("PEIN-3", 0, time(8, 30), (0,), seats=8, booked=8, jury=PAINTERS, is_locked=True)
# …and held on the last one: every grid is in, the jury is to deliberate.
YESTERDAY = Pattern("TPCR-4", 0, time(9), (0,), seats=3, jury=("evaluator", "observer"))
YESTERDAYS_PARTS: tuple[Part, ...] = ("pass", "fail")
# Of an EVC too: two evaluators saw each candidate, and the manager is to say what is recognised.
YESTERDAYS_EVC = Pattern("STUK-1", 0, time(8, 30), (0,), seats=2, language="nl")


def foretell(replay: Replay, *, now: datetime) -> None:
    """Note what was planned and booked for the eight weeks after `now`, all of it before `now`."""
    today = now.astimezone(BRUSSELS).date()
    _foretell_yesterday(replay, YESTERDAY, today)
    for pattern in (TOMORROW, CONSTRUCTION_DAY):
        _foretell_session(replay, pattern, today + timedelta(days=1), now)
    monday = today + timedelta(days=7 - today.weekday())
    for pattern in data("coming_weeks.toml", Patterns).sessions:
        for week in pattern.weeks:
            _foretell_session(replay, pattern, monday + timedelta(days=7 * week + pattern.weekday - 1), now)
    _foretell_yesterday(replay, YESTERDAYS_EVC, today)


def _foretell_yesterday(replay: Replay, pattern: Pattern, today: date) -> None:
    day = next(day for day in (today - timedelta(days=back) for back in range(1, 20)) if not places.is_closed(day))
    sitting = _sitting(replay, pattern, day)
    sitting.seats = [Seat(Role("", part)) for part in YESTERDAYS_PARTS]
    sitting.stops_before_the_jury = True
    sittings.foretell(replay, sitting)


def _foretell_session(replay: Replay, pattern: Pattern, day: date, now: datetime) -> None:
    replay.diary.at(now - PLANNED, plan_on_a_free_day, replay, pattern, day, now - timedelta(hours=1))


async def plan_on_a_free_day(
    tx: asyncpg.Connection, replay: Replay, pattern: Pattern, day: date, until: datetime, *, now: datetime
) -> None:
    """Plan it on the first day from `day` on that suits the room, the equipment and the jury; book until `until`."""
    for later in range(DAYS_TRIED):
        sitting = _sitting(replay, pattern, day + timedelta(days=later))
        if places.is_closed(day + timedelta(days=later)):
            continue
        try:
            with db.translated(tx):
                async with tx.transaction():
                    await planning.plan(tx, replay, sitting, now=now)
        except TAKEN:
            continue
        if await _opened(tx, sitting, now=now):
            _foretell_bookings(replay, sitting, pattern.booked, now, until)
            if pattern.is_locked:
                replay.diary.at(until + timedelta(minutes=30), sittings.lock, sitting)
        return


def _sitting(replay: Replay, pattern: Pattern, day: date) -> Sitting:
    starts_at = brussels(day, pattern.clock)
    sitting = replay.sitting(pattern.unit, starts_at, pattern.seats, pattern.language, pattern.centre)
    for key in pattern.jury:
        role: Literal["evaluator", "observer"] = "observer" if key.startswith("observer") else "evaluator"
        sitting.jury.setdefault(role, []).append(replay.ground.assessors[key])
    return sitting


async def _opened(tx: asyncpg.Connection, sitting: Sitting, *, now: datetime) -> bool:
    """Open it; without an accreditation that reaches so far it stays a draft, as the rule has it."""
    assert sitting.session is not None
    try:
        with db.translated(tx):
            async with tx.transaction():
                await sessions.open_for_booking(tx, sitting.session, by=sitting.centre.account, now=now)
    except refusals.AccreditationMissing:
        return False
    return True


def _foretell_bookings(replay: Replay, sitting: Sitting, count: int, begin: datetime, until: datetime) -> None:
    minutes = int((until - begin) / timedelta(minutes=1))
    for _ in range(count):
        seat = Seat(Role("", "booked"))
        sitting.seats.append(seat)
        booked_at = begin + timedelta(minutes=replay.chance.randint(10, minutes))
        replay.diary.at(booked_at - timedelta(minutes=5), sittings.enrol, replay, sitting, seat)
        replay.diary.at(booked_at, sittings.book, replay, sitting, seat)
