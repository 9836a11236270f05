"""Invitations by mail (iTIP, RFC 5546)."""

from icalendar import vCalAddress

from scheduling.calendars.entries import Entry, Party
from scheduling.calendars.events import event
from scheduling.calendars.rendering import blank
from scheduling.calendars.text import Text, one_line, uri


def method(entry: Entry) -> str:
    """REQUEST or CANCEL: the message's METHOD and its MIME part's `method=`, which must be equal."""
    return "CANCEL" if entry.cancelled else "REQUEST"


def request(entry: Entry, organizer: Party, attendee: Party, *, language: str, cancelled_prefix: str) -> bytes:
    """The message that invites the attendee, moves the event, or cancels it: which of them, the entry's
    sequence and state say. UID and times are those of the feed; a mail sent again is the same bytes.
    """
    invited = event(entry, cancelled_prefix=cancelled_prefix)
    invited["ORGANIZER"] = _address(organizer)
    answer = {} if entry.cancelled else {"RSVP": "TRUE"}
    invited["ATTENDEE"] = _address(attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", **answer)
    message = blank(language)
    message["METHOD"] = Text(method(entry))
    message.add_component(invited)
    lines: bytes = message.to_ical()
    return lines


def _address(party: Party, **parameters: str) -> vCalAddress:
    return vCalAddress(f"mailto:{uri(party.email)}", params={"CN": one_line(party.name), **parameters})
