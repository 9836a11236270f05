"""A month of the search as a calendar: which days have something, and where each of them leads."""

from calendar import Calendar
from datetime import date, datetime

import asyncpg
from msgspec import Struct, structs

from scheduling import places
from service.i18n import BRUSSELS
from service.searches import Asked, midnight

AHEAD = 24  # months that can be looked at


class Cell(Struct, frozen=True):
    """A day of the month, what there is on it (None: nothing), and where it is read."""

    day: date
    found: places.Day | None
    address: str


class Month(Struct, frozen=True):
    """Weeks of seven cells from Monday on; None: a day of a month beside it. "": there is no earlier or later one."""

    first: date
    weeks: list[list[Cell | None]]
    sessions: int
    earlier: str
    later: str


async def month(tx: asyncpg.Connection, asked: Asked, chosen: str, *, now: datetime) -> Month:
    """The month that was chosen ("2026-10"), else the first one in which something answers the wish."""
    today = now.astimezone(BRUSSELS).date()
    earliest, latest = today.replace(day=1), _months_on(today, AHEAD)
    first = _read(chosen)
    if first is None:
        wish = structs.replace(asked.wish(now), limit=1, nearest_first=False)
        days = await places.by_day(tx, wish, now=now)
        first = (days[0].day if days else today).replace(day=1)
    first = min(max(first, earliest), latest)
    wish = _within(asked.wish(now), first)
    found = {day.day: day for day in await places.by_day(tx, wish, now=now)}
    return Month(
        first,
        [
            [_cell(asked, day, first, found) for day in week]
            for week in Calendar().monthdatescalendar(first.year, first.month)
        ],
        sum(day.sessions for day in found.values()),
        _address(asked, _months_on(first, -1)) if first > earliest else "",
        _address(asked, _months_on(first, 1)) if first < latest else "",
    )


def _within(wish: places.Wish, first: date) -> places.Wish:
    begins, ends = midnight(first), midnight(_months_on(first, 1))
    return structs.replace(wish, since=max(wish.since or begins, begins), until=min(wish.until or ends, ends))


def _cell(asked: Asked, day: date, first: date, found: dict[date, places.Day]) -> Cell | None:
    return Cell(day, found.get(day), asked.on(day)) if day.month == first.month else None


def _address(asked: Asked, first: date) -> str:
    return asked.at(view="month", month=f"{first:%Y-%m}") + "#found"


def _read(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
