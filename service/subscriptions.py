"""A calendar address as its reader gets it: the facts of scheduling.feeds in one language, as bytes. No person's name."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
from msgspec import Struct

from scheduling import calendars, centres, feeds, rooms
from scheduling.feeds import Event
from service.appointments import ROLES
from service.i18n import LANGUAGES, Words, words

SUFFIX = ".ics"
HEADERS = {
    "Cache-Control": "private, max-age=300, must-revalidate",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
CHANGED_AT = attrgetter("changed_at")
# An event's bytes depend on its entry alone, and making them costs a millisecond.
_event_lines = lru_cache(maxsize=4_096)(calendars.render_event)


class Line(NamedTuple):
    """An event as a calendar writes it. Lines compare by start, then by uid: the order of a feed (calendars.in_order)."""

    starts_at: datetime
    uid: str
    body: bytes
    digest: bytes
    changed_at: datetime
    cancelled: bool


class Written(Struct, frozen=True):
    """A feed as it is sent. `etag` is strong; `last_modified` is an HTTP date's moment, None for an empty feed."""

    body: bytes
    etag: str
    last_modified: float | None

    @property
    def headers(self) -> dict[str, str]:
        """Those that calendar programs need."""
        if self.last_modified is None:
            return {**HEADERS, "ETag": self.etag}
        return {**HEADERS, "ETag": self.etag, "Last-Modified": formatdate(self.last_modified, usegmt=True)}

    def is_known(self, given: Mapping[str, str]) -> bool:
        """Whether the headers of a request say so (RFC 9110, 13.2.2): If-None-Match decides, compared weakly; the date
        only where there is none."""
        tags = given.get("if-none-match")
        if tags is not None:
            return tags.strip() == "*" or self.etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        try:
            since = parsedate_to_datetime(given["if-modified-since"])
        except (KeyError, ValueError):
            return False
        return self.last_modified is not None and since.tzinfo is not None and self.last_modified <= since.timestamp()


def address(base_url: str, token: str) -> str:
    """Where the calendar of this secret is read."""
    return f"{base_url}/calendars/{token}.ics"


def token_hash(token: str) -> bytes:
    """What scheduling.feeds keeps of a secret."""
    return hashlib.sha256(token.encode()).digest()


async def title(tx: asyncpg.Connection, kind: feeds.Kind, owner_id: object, w: Words) -> str:
    """« Mes épreuves », « Mes jurys », « Construcity », « Construcity, Atelier 1 »"""
    if kind == "candidate":
        return w.gettext("My tests")
    if kind == "assessor":
        return w.gettext("My juries")
    if kind == "centre":
        return (await centres.get(tx, owner_id)).name  # type: ignore[arg-type]
    room = await rooms.get(tx, owner_id)  # type: ignore[arg-type]
    return f"{(await centres.get(tx, room.centre_id)).name}, {room.name}"


@lru_cache(maxsize=256)
def head(title: str, language: str) -> bytes:
    """What a calendar of that name begins with."""
    return calendars.head(calendars.Feed(f"Preuve – {title}", "", language, words(language).gettext("Cancelled")))


def line(event: Event, language: str, base_url: str) -> Line:
    """One event, written: a fifth of a millisecond."""
    w = words(language)
    entry = _entry(event, w, base_url)
    body = _event_lines(entry, cancelled_prefix=w.gettext("Cancelled"))
    return Line(entry.starts_at, entry.uid, body, hashlib.sha256(body).digest(), event.changed_at, event.cancelled)


def joined(beginning: bytes, lines: list[Line]) -> Written:
    """The feed's iCalendar stream: the same bytes for the same lines, which come in their order. The tag is made of the
    lines' own digests: a hundred times fewer bytes to go through again."""
    body = b"".join([beginning, *[line.body for line in lines], calendars.END])
    etag = calendars.etag(b"".join([beginning, *[line.digest for line in lines]]))
    changed = max(map(CHANGED_AT, lines), default=None)
    return Written(body, etag, changed.replace(microsecond=0).timestamp() if changed else None)


def _entry(event: Event, w: Words, base_url: str) -> calendars.Entry:
    return calendars.Entry(
        uid=f"{event.event_id}@{urlsplit(base_url).hostname}",
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        changed_at=event.changed_at,
        sequence=event.sequence,
        summary=_summary(event, w),
        cancelled=event.cancelled,
        location=f"{event.room_name}, {event.street}, {event.postcode} {event.municipality}",
        description=_description(event, w),
        url=f"{base_url}/bookings/{event.event_id}" if event.role == "candidate" else base_url,
    )


def _summary(event: Event, w: Words) -> str:
    unit = w.label(event.unit_label)
    if event.role == "candidate":
        return w.gettext("Test: %(unit)s", unit=unit)
    if event.role in ROLES:
        return w.gettext("Jury (%(role)s): %(unit)s", role=w.gettext(ROLES[event.role]), unit=unit)
    return f"{event.unit_code} – {unit}"


def _description(event: Event, w: Words) -> str:
    lines = [
        w.label(event.trade_label),
        event.centre_name,
        w.gettext("Language of the test: %(language)s", language=LANGUAGES[event.language]),
    ]
    if event.role == "candidate":
        lines.append(w.gettext("Please come 15 minutes early and bring your identity card."))
    return "\n".join(lines)
