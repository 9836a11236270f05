"""A feed as bytes."""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256

from icalendar import Calendar, vDuration

from scheduling.calendars import zone
from scheduling.calendars.entries import Feed, in_order
from scheduling.calendars.events import render_event
from scheduling.calendars.text import Text, one_line

END = b"END:VCALENDAR\r\n"
POLL_EVERY = timedelta(hours=1)


def render(feed: Feed) -> bytes:
    """The feed's iCalendar stream (RFC 5545, 7986): the same bytes for the same feed."""
    prefix = feed.cancelled_prefix
    return join(feed, [render_event(entry, cancelled_prefix=prefix) for entry in in_order(feed.entries)])


def join(feed: Feed, events: Iterable[bytes]) -> bytes:
    """The feed around events already rendered, in the order given: callers keep to `in_order`."""
    return b"".join([head(feed), *events, END])


def head(feed: Feed) -> bytes:
    """What comes before the events; END comes after them."""
    lines: bytes = _empty(feed).to_ical()
    return lines.removesuffix(END)


def etag(body: bytes) -> str:
    """A strong entity tag (RFC 9110, 8.8.3), quotes included."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def _empty(feed: Feed) -> Calendar:
    """The calendar without events. It has no UID (vdirsyncer would take the whole feed for one item) and no
    METHOD (PUBLISH demands an ORGANIZER in every event)."""
    calendar = blank(feed.language)
    calendar["NAME"] = Text(feed.name, params={"LANGUAGE": one_line(feed.language)})
    calendar["X-WR-CALNAME"] = Text(feed.name)
    if feed.description:
        calendar["DESCRIPTION"] = calendar["X-WR-CALDESC"] = Text(feed.description)
    calendar["REFRESH-INTERVAL"] = vDuration(POLL_EVERY, params={"VALUE": "DURATION"})
    calendar["X-PUBLISHED-TTL"] = vDuration(POLL_EVERY)
    return calendar


def blank(language: str) -> Calendar:
    """What every iCalendar object of ours begins with, the time zone included."""
    calendar = Calendar()
    calendar["VERSION"] = Text("2.0")
    calendar["PRODID"] = Text(f"-//Preuve//Preuve//{language.upper()}")
    calendar.add_component(zone.timezone())
    return calendar
