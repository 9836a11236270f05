"""What a candidate asks for in the address of the search, and the way out when nothing answers it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import asyncpg
from msgspec import Struct, structs

from scheduling import communes, places
from service.i18n import BRUSSELS, LANGUAGES, N_

LONGEST = 100
SHOWN = 50  # on one page
PAGES = 100
DATE_UNREADABLE = N_("Choose a date, or write it as 2026-12-04")
DATES_REVERSED = N_("This date lies before the first one")
# What narrows a search, by its name in the address, and what leaving it out is called.
LEFT_OUT = {
    "words": N_("Without these words"),
    "what": N_("Any trade"),
    "language": N_("In any language"),
    "centre": N_("In any centre"),
    "since": N_("Also before this date"),
    "until": N_("Also after this date"),
    "days": N_("On any day of the week"),
    "half": N_("At any time of the day"),
    "within": N_("At any distance"),
    "accessible": N_("Also in rooms with steps"),
    "free": N_("Also sessions that are full"),
}
SAME_TRADE = N_("Any test of the same trade")
KEPT = (*LEFT_OUT, "near", "order")
CHOICES: dict[str, tuple[str, ...]] = {
    "language": tuple(LANGUAGES),
    "half": ("morning", "afternoon"),
    "accessible": ("yes",),
    "free": ("yes",),
    "within": ("2", "5", "10", "20"),
    "order": ("distance",),
}


class Asked(Struct, frozen=True):
    """The wish as it was typed. `what` is a trade's code or a unit's; `errors` names the dates that cannot be read."""

    words: str = ""
    what: str = ""
    language: str = ""
    centre: str = ""
    since: str = ""
    until: str = ""
    days: tuple[str, ...] = ()
    half: str = ""
    near: str = ""
    within: str = ""
    order: str = ""
    accessible: str = ""
    free: str = ""
    errors: dict[str, str] = {}

    @property
    def filters(self) -> list[str]:
        """The names of what narrows the search."""
        return [name for name in LEFT_OUT if getattr(self, name) and name not in self.errors]

    @property
    def query(self) -> str:
        """The search as it stands behind the question mark, the same for the same wish."""
        return urlencode({name: getattr(self, name) for name in KEPT if getattr(self, name)}, doseq=True)

    @property
    def address(self) -> str:
        """Where this search is found again."""
        return self.at()

    def at(self, **more: object) -> str:
        """The same search, as a month or on another page: `view`, `month`, `page`."""
        query = "&".join(part for part in (self.query, urlencode(more)) if part)
        return f"/sessions?{query}" if query else "/sessions"

    def on(self, day: date) -> str:
        """The same search on one day."""
        return structs.replace(self, since=day.isoformat(), until=day.isoformat(), errors={}).address

    def wish(self, now: datetime) -> places.Wish:
        """The days are Brussels days; the last one is meant to its end."""
        since, until = _day(self.since), _day(self.until)
        return places.Wish(
            text=self.words or None,
            unit=self.what if "-" in self.what else None,
            trade=self.what if self.what and "-" not in self.what else None,
            language=self.language or None,
            centre=self.centre or None,
            since=midnight(since) if since else now,
            until=midnight(until + timedelta(days=1)) if until else None,
            weekdays=tuple(int(day) for day in self.days),
            half=self.half or None,  # type: ignore[arg-type]
            accessible=bool(self.accessible),
            free=bool(self.free),
            near=self.near or None,
            within=int(self.within) if self.near and self.within else None,
            nearest_first=bool(self.near and self.order),
            limit=SHOWN,
        )

    def kilometres(self, postcode: str) -> int | None:
        """About how far it is from the commune that was chosen; None where none was, or its place is unknown."""
        km = communes.kilometres(self.near, postcode) if self.near else None
        return None if km is None else round(km)


class WayOut(Struct, frozen=True):
    """The same wish without one of its parts: what is left out, how many sessions there are then, and where. `is_alone`:
    nothing else is left out."""

    left_out: str
    count: int
    address: str
    is_alone: bool = True


def read(query: Mapping[str, Any], *, now: datetime, days: Iterable[str] = ()) -> Asked:
    """The wish in an address; `days` are its weekdays. What no form of ours would send is left out."""
    given = {name: str(query.get(name) or "").strip()[:LONGEST] for name in KEPT if name != "days"}
    for name, known in CHOICES.items():
        if given[name] not in known:
            given[name] = ""
    if communes.at(given["near"]) is None:
        given["near"] = given["within"] = given["order"] = ""
    weekdays = tuple(sorted({day for day in days if day in {"1", "2", "3", "4", "5", "6", "7"}}))
    errors = {name: DATE_UNREADABLE for name in ("since", "until") if given[name] and _day(given[name]) is None}
    since, until = _day(given["since"]), _day(given["until"])
    if since and until and until < since:
        errors["until"] = DATES_REVERSED
    return Asked(**given, days=() if len(weekdays) == 7 else weekdays, errors=errors)


def read_again(query: str, *, now: datetime) -> Asked:
    """The wish that `Asked.query` wrote."""
    given = parse_qs(query[:2000], max_num_fields=50)
    return read({name: values[0] for name, values in given.items()}, now=now, days=given.get("days", ()))


async def ways_out(tx: asyncpg.Connection, asked: Asked, *, now: datetime) -> list[WayOut]:
    """Every part of the wish that alone is in the way, the one that frees most first, after the other tests of the same trade,
    which is nearest; else the test alone, or everything left out."""
    lighter = [(LEFT_OUT[name], without(asked, name)) for name in asked.filters]
    if "-" in asked.what:
        trade = asked.what.partition("-")[0]
        lighter.insert(0, (SAME_TRADE, structs.replace(asked, what=trade, errors={})))
    counted = [WayOut(left_out, await _count(tx, wish, now=now), wish.address) for left_out, wish in lighter]
    found = sorted((way for way in counted if way.count), key=lambda way: (way.left_out != SAME_TRADE, -way.count))
    if not found and asked.filters:
        wider, test = [(N_("All tests"), Asked())], Asked(words=asked.words, what=asked.what)
        if test.filters and test.filters != asked.filters:
            wider.insert(0, (N_("The same test, whatever the rest"), test))
        alone = len(asked.filters) == 1
        found = [WayOut(said, await _count(tx, wish, now=now), wish.address, is_alone=alone) for said, wish in wider]
    return [way for way in found if way.count]


async def is_unknown(tx: asyncpg.Connection, asked: Asked) -> bool:
    """Whether no test at all is called so: then the words are in the way, whatever else was chosen."""
    return bool(asked.words) and not await places.units_of(tx, places.Wish(text=asked.words))


def without(asked: Asked, name: str) -> Asked:
    """The same wish without one of its parts."""
    return structs.replace(asked, **{name: () if name == "days" else "", "errors": {}})


async def _count(tx: asyncpg.Connection, asked: Asked, *, now: datetime) -> int:
    return await places.count(tx, asked.wish(now), now=now)


def midnight(day: date) -> datetime:
    """When a day begins in Brussels."""
    return datetime.combine(day, time(), BRUSSELS)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None
