"""recurring-ical-events, which Home Assistant-like servers ask for "what is on between two dates"."""

import datetime
import json
import sys

import recurring_ical_events
from icalendar import Calendar

calendar = Calendar.from_ical(sys.stdin.buffer.read())
found = recurring_ical_events.of(calendar).between(datetime.date(2026, 1, 1), datetime.date(2028, 1, 1))
print(
    json.dumps(
        [
            {
                "uid": str(event["UID"]),
                "start": event["DTSTART"].dt.timestamp(),
                "end": event["DTEND"].dt.timestamp(),
                "summary": str(event["SUMMARY"]),
                "location": str(event.get("LOCATION", "")),
                "description": str(event.get("DESCRIPTION", "")),
                "status": str(event["STATUS"]),
            }
            for event in found
        ]
    )
)
