"""A calendar address as its reader gets it: the facts of scheduling.feeds in one language, as bytes. No person's name."""

import hashlib
from functools import lru_cache
from urllib.parse import urlsplit

import asyncpg
from msgspec import Struct

from scheduling import calendars, centres, feeds, rooms
from scheduling.feeds import Event, Feed
from service.appointments import ROLES
from service.i18n import LANGUAGES, Words, words

# An event's bytes depend on its entry alone, and making them costs a millisecond.
_event_lines = lru_cache(maxsize=20_000)(calendars.render_event)


class Written(Struct, frozen=True):
    """A feed as it is sent. `etag` is strong; `last_modified` is an HTTP date's moment, None for an empty feed."""

    body: bytes
    etag: str
    last_modified: float | None


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


def write(feed: Feed, title: str, events: list[Event], *, base_url: str) -> Written:
    """The feed's iCalendar stream: the same bytes for the same facts."""
    w = words(feed.language)
    cancelled = w.gettext("Cancelled")
    entries = calendars.in_order(_entry(event, w, base_url) for event in events)
    calendar = calendars.Feed(f"Preuve – {title}", "", feed.language, cancelled, tuple(entries))
    body = calendars.join(calendar, [_event_lines(entry, cancelled_prefix=cancelled) for entry in entries])
    changed = calendars.last_modified(calendar)
    return Written(body, calendars.etag(body), changed.timestamp() if changed else None)


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
