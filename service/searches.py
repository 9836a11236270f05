"""What a candidate asks for in the address of the search, and the way out when nothing answers it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import asyncpg
from msgspec import Struct, structs

from scheduling import places
from service.i18n import BRUSSELS, LANGUAGES, N_

LONGEST = 100
MOST = 100  # places.search gives no more
DATE_UNREADABLE = N_("Choose a date, or write it as 2026-12-04")
DATES_REVERSED = N_("This date lies before the first one")
LEFT_OUT = {
    "words": N_("Without these words"),
    "what": N_("Any trade"),
    "language": N_("In any language"),
    "centre": N_("In any centre"),
    "since": N_("Also before this date"),
    "until": N_("Also after this date"),
}


class Asked(Struct, frozen=True):
    """The wish as it was typed. `what` is a trade's code or a unit's; `errors` names the dates that cannot be read."""

    words: str = ""
    what: str = ""
    language: str = ""
    centre: str = ""
    since: str = ""
    until: str = ""
    errors: dict[str, str] = {}

    @property
    def filters(self) -> list[str]:
        """The names of what narrows the search."""
        return [name for name in LEFT_OUT if getattr(self, name) and name not in self.errors]

    @property
    def address(self) -> str:
        """Where this search is found again."""
        chosen = {name: getattr(self, name) for name in LEFT_OUT if getattr(self, name)}
        return f"/sessions?{urlencode(chosen)}" if chosen else "/sessions"

    def wish(self, now: datetime) -> places.Wish:
        """The days are Brussels days; the last one is meant to its end."""
        since, until = _day(self.since), _day(self.until)
        return places.Wish(
            text=self.words or None,
            unit=self.what if "-" in self.what else None,
            trade=self.what if self.what and "-" not in self.what else None,
            language=self.language or None,
            centre=self.centre or None,
            since=_midnight(since) if since else now,
            until=_midnight(until + timedelta(days=1)) if until else None,
        )


class WayOut(Struct, frozen=True):
    """The same wish without one of its parts: what is left out, how many places there are then, and where."""

    left_out: str
    count: int
    address: str


def read(query: Mapping[str, Any], *, now: datetime) -> Asked:
    """The wish in an address. What no form of ours would send is left out."""
    given = {name: str(query.get(name) or "").strip()[:LONGEST] for name in LEFT_OUT}
    if given["language"] not in LANGUAGES:
        given["language"] = ""
    errors = {name: DATE_UNREADABLE for name in ("since", "until") if given[name] and _day(given[name]) is None}
    since, until = _day(given["since"]), _day(given["until"])
    if since and until and until < since:
        errors["until"] = DATES_REVERSED
    return Asked(**given, errors=errors)


async def ways_out(tx: asyncpg.Connection, asked: Asked, *, now: datetime) -> list[WayOut]:
    """Every part of the wish that alone is in the way, the one that frees most first; else everything left out."""
    lighter = [(LEFT_OUT[name], structs.replace(asked, **{name: "", "errors": {}})) for name in asked.filters]
    if "-" in asked.what:
        trade = asked.what.partition("-")[0]
        lighter.insert(0, (N_("Any test of the same trade"), structs.replace(asked, what=trade, errors={})))
    counted = [WayOut(left_out, await _count(tx, wish, now=now), wish.address) for left_out, wish in lighter]
    found = sorted((way for way in counted if way.count), key=lambda way: -way.count)
    if not found and asked.filters:
        found = [WayOut(N_("All tests"), await _count(tx, Asked(), now=now), "/sessions")]
    return [way for way in found if way.count]


async def _count(tx: asyncpg.Connection, asked: Asked, *, now: datetime) -> int:
    wish = structs.replace(asked.wish(now), limit=MOST)
    return len(await places.search(tx, wish, candidate_id=None, now=now))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)
