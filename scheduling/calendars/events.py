"""One entry as a VEVENT."""

from icalendar import Event, vCategory, vInt, vUri

from scheduling.calendars import zone
from scheduling.calendars.entries import Entry
from scheduling.calendars.text import Text, uri


def render_event(entry: Entry, *, cancelled_prefix: str) -> bytes:
    """The VEVENT's lines, ready for `join`: made of the arguments alone, so they can be stored."""
    lines: bytes = event(entry, cancelled_prefix=cancelled_prefix).to_ical()
    return lines


def event(entry: Entry, *, cancelled_prefix: str) -> Event:
    """The VEVENT. DTSTAMP is the last change, not now: two reads of a feed are the same bytes."""
    starts, ends = zone.span(entry.starts_at, entry.ends_at)
    event = Event()
    event["UID"] = Text(entry.uid)
    event["DTSTAMP"] = event["LAST-MODIFIED"] = zone.utc(entry.changed_at)
    event["SEQUENCE"] = vInt(entry.sequence)
    event["STATUS"] = Text("CANCELLED" if entry.cancelled else "CONFIRMED")
    event["DTSTART"], event["DTEND"] = starts, ends
    event["SUMMARY"] = Text(f"{cancelled_prefix} – {entry.summary}" if entry.cancelled else entry.summary)
    _add_details(event, entry)
    return event


def _add_details(event: Event, entry: Entry) -> None:
    if entry.location:
        event["LOCATION"] = Text(entry.location)
    if entry.description:
        event["DESCRIPTION"] = Text(entry.description)
    if entry.url:
        event["URL"] = vUri(uri(entry.url))
    if entry.categories:
        event["CATEGORIES"] = categories = vCategory([])
        categories.cats = [Text(category) for category in entry.categories]
