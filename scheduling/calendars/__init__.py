"""Calendar feeds and invitations (RFC 5545, 5546, 7986) as bytes; knows no database and no HTTP.

An event's bytes are made once, by `render_event`, when it changes; a feed is those bytes, joined.
"""

from scheduling.calendars.entries import Entry, Feed, Party, in_order, last_modified, visible
from scheduling.calendars.events import render_event
from scheduling.calendars.invitations import method, request
from scheduling.calendars.rendering import END, etag, head, join, render

__all__ = [
    "END",
    "Entry",
    "Feed",
    "Party",
    "etag",
    "head",
    "in_order",
    "join",
    "last_modified",
    "method",
    "render",
    "render_event",
    "request",
    "visible",
]
